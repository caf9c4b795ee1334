"""The roll-back rule of a plan as an alert of Azure Monitor.

``scheduledQueryRules`` 2023-12-01 in a deployment template; what stands in it is the same in every language.
"""

from __future__ import annotations

import json
from math import ceil
from typing import Any

import numpy as np

from advisor.core.draws import central
from advisor.core.exhibits import Export
from advisor.core.saying import numeral, say
from advisor.system.case import Case
from advisor.system.rollback import Rule

STANDARD_ERRORS = 1.96  # half of a 95 % interval
WINDOW_DAYS = 2  # the longest a log alert looks back
LONGEST_NAME = 40  # within every limit Azure sets for names


def slug(text: str) -> str:
    """Lower-case letters, digits and hyphens, as Azure names want them."""
    kept = "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in text.lower())
    return "-".join(part for part in kept.split("-") if part)[:LONGEST_NAME].strip("-") or "advisor"


def alert(case: Case, rule: Rule) -> Export:
    """An Azure Monitor alert that fires when the roll-back rule is met."""
    note = say(
        "Your service must send the three metrics of the query; deploy with az deployment group create."
    )
    days = rule.needed / central(case.workload.requests_per_day)
    if days > WINDOW_DAYS:
        note += say(
            " Enough requests take {days} days, more than an alert looks back: run the query by hand.",
            days=numeral(ceil(days), ",.0f"),
        )
    return Export(
        "rollback-alert.json",
        "application/json",
        json.dumps(alert_template(case, rule), indent=2) + "\n",
        note,
    )


def query(rule: Rule) -> str:
    """The log query: the low end of the interval of Wh per accepted answer, where a verdict is allowed.

    What the plan takes beside its requests is added for each of them, so that it is held against the whole.
    """
    low, high = (rule.input_tokens * (1.0 + sign * rule.mix_tolerance) for sign in (-1.0, 1.0))
    beside = _digits(rule.beside)
    return "\n".join((
        "AppMetrics",
        "| where Name in ('request_energy_wh', 'answer_accepted', 'request_input_tokens')",
        "| summarize energy_wh = sumif(Sum, Name == 'request_energy_wh'),",
        "    requests = sumif(ItemCount, Name == 'request_energy_wh'),",
        "    accepted = sumif(Sum, Name == 'answer_accepted'),",
        "    tokens = sumif(Sum, Name == 'request_input_tokens')",
        f"| where requests >= {rule.needed} and accepted > 0",
        f"| where tokens / requests between ({low:.1f} .. {high:.1f})",
        f"| extend error = {STANDARD_ERRORS} * {rule.spread:g} / sqrt(requests)",
        f"| project lowest_wh = (energy_wh * (1 - error) + {beside} * requests) / accepted",
    ))  # fmt: skip


def _digits(value: float) -> str:
    """A figure to four digits, without an exponent."""
    return np.format_float_positional(value, 4, fractional=False, trim="-")


def alert_template(case: Case, rule: Rule) -> dict[str, Any]:
    """The deployment template of the alert rule."""
    name = slug(f"{case.scenario.name} roll back")
    limit = float(_digits(rule.limit))
    condition = {
        "query": query(rule), "metricMeasureColumn": "lowest_wh", "timeAggregation": "Maximum",
        "operator": "GreaterThan", "threshold": limit,
        "failingPeriods": {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1},
    }  # fmt: skip
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {
            "workspaceId": {"type": "string"},
            "actionGroupId": {"type": "string"},
            "location": {"type": "string", "defaultValue": "[resourceGroup().location]"},
        },
        "resources": [{
            "type": "Microsoft.Insights/scheduledQueryRules",
            "apiVersion": "2023-12-01",
            "name": name,
            "location": "[parameters('location')]",
            "kind": "LogAlert",
            "properties": {
                "displayName": f"Roll back: {case.scenario.name}",
                "description": f"Wh per accepted answer above {_digits(rule.limit)} with its whole 95 % "
                f"interval, from {rule.needed:,} requests on and while the mix of requests is as planned.",
                "severity": 2, "enabled": True, "autoMitigate": False,
                "scopes": ["[parameters('workspaceId')]"],
                "evaluationFrequency": "PT1H", "windowSize": f"P{WINDOW_DAYS}D",
                "criteria": {"allOf": [condition]},
                "actions": {"actionGroups": ["[parameters('actionGroupId')]"]},
            },
        }],
    }  # fmt: skip
