"""The embedded default: what a message says about the state of things, judged without a language model."""

from sllm_core.classifier.human_labels import HumanLabel
from sllm_core.classifier.judgement import NOBODY, SENTIMENTS, SEVERITIES, Judgement, Scores
from sllm_core.classifier.model import Classifier
from sllm_core.classifier.model_verdicts import ModelVerdicts
from sllm_core.classifier.verdicts import Verdicts

__all__ = [
    "NOBODY",
    "SENTIMENTS",
    "SEVERITIES",
    "Classifier",
    "HumanLabel",
    "Judgement",
    "ModelVerdicts",
    "Scores",
    "Verdicts",
]
