"""Words that more than one step says: what a plan takes, and what holds tuned weights."""

from __future__ import annotations

from advisor.core.saying import say

# what a plan takes, within a sentence or as the label of a line
TAKEN = {
    "energy": say("energy"),
    "carbon": say("carbon"),
    "water": say("water"),
    "cost": say("cost"),
    "ewaste": say("ewaste"),
}
# what holds tuned weights
HOSTED = {
    "serverless": say("serverless"), "dedicated": say("dedicated"), "device": say("device"),
    "none": say("none"),
}  # fmt: skip
