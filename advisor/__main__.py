"""``python -m advisor``: the same as the console script ``advisor``."""

from advisor.cli import main

raise SystemExit(main())
