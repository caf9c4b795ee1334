from __future__ import annotations

from functools import partial

import pytest
from storing import Make, storing_case

from advisor.catalogue import Catalogue


@pytest.fixture
def make(catalogue: Catalogue) -> Make:
    return partial(storing_case, catalogue)
