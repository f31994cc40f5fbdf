"""Which patterns became more or fewer between two readings of logs: counts in, significance out; nothing is rendered.

Logs are bursty, so a plain test of two counts cries wolf. Here each count is first divided by how much its pattern
scatters anyway (`dispersion`), shares are taken against what most patterns do and not against all records
(`reference`), the test is exact (`exact`), and what is told is bounded by its false discovery rate (`discovery`).
"""

from sllm_core.comparison.compare import KINDS, Comparison, compare
from sllm_core.comparison.side import BLOCKS, Basis, Side, cut

__all__ = ["BLOCKS", "KINDS", "Basis", "Comparison", "Side", "compare", "cut"]
