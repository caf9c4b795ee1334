"""What an index costs that is behind what it indexes: answers that rest on documents no longer true."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array
from advisor.estimate import retrieval
from advisor.system import quality
from advisor.system.case import Case, remembered
from advisor.system.memory import varied
from advisor.system.plan import ImprovementSetting, ModelSetting
from advisor.system.techniques import retrieves, unsearched


@remembered
def outdated(case: Case, days: float) -> Array:
    """Share of the documents that have changed since an index ``days`` behind was made [ratio]."""
    every = case.scenario.knowledge.changes_every_days
    if not every:
        return np.zeros(case.size)
    return np.asarray(retrieval.outdated_share(case.draw("rag.changed_share", "ratio"), days / every))


@remembered
def lost(case: Case, model: ModelSetting, improvement: ImprovementSetting, days: float) -> Array:
    """Share of answers no longer accepted because the index is ``days`` behind [ratio]; 0 without a search.

    What the search adds is lost with the documents that have changed. That is the least: a passage that
    was true once may also mislead where no passage would.
    """
    technique = improvement.technique
    if not retrieves(technique):
        return np.zeros(case.size)
    found, bare = quality.accepted(case, model, improvement), unsearched(technique)
    if bare is not None:
        left = quality.accepted(case, model, varied(improvement, technique=bare))
        found = np.maximum(found - left, 0.0)
    return np.asarray(found * outdated(case, days))
