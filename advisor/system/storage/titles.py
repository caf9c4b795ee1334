"""What the policies are called; which sets they place where, ``policies`` says."""

from __future__ import annotations

from advisor.core.saying import say

TITLES = {
    "today": say("As it is today"),
    "balanced": say("By age, by your priorities"),
    "least_cost": say("By age, least cost"),
    "least_carbon": say("Least carbon"),
    "lifecycle": say("By age, bytes as they are"),
    "cleanest_region": say("By age, in the cleanest allowed region"),
    "all_hot": say("All hot, copies as needed"),
    "archive": say("Archived once reading stops"),
    "shortest_retention": say("By age, kept no longer than needed"),
}
