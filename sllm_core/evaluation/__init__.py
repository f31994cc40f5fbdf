"""How well an analyzer judges messages whose labels are known: figures with intervals, costs, and what simple rules do.

`reading` takes labelled rows from CSV and JSON Lines, `data` gives them their patterns, `splits` keeps apart what is
fitted and what is measured. A `judge` answers rows; `quality`, `ranking` and `reliability` say how well, `bootstrap`
how surely, `evaluate` brings all of it together.
"""
