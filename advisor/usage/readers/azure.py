"""Azure: API Management's LLM log and gateway log, Azure Monitor metrics, diagnostics without tokens."""

from __future__ import annotations

from typing import Any

import ibis

from advisor.core.errors import Fault
from advisor.core.saying import say
from advisor.usage.formats import Format
from advisor.usage.values import number

_MONITOR = "https://learn.microsoft.com/azure/azure-monitor/reference/tables/"
# The newer name of each metric first: where both are exported they count the same.
_UNCOUNTED = (say("metrics count no cached tokens, and requests that failed among the others"),)
METRICS = {
    "input": ("InputTokens", "ProcessedPromptTokens"),
    "output": ("OutputTokens", "GeneratedTokens"),
    "requests": ("ModelRequests", "AzureOpenAIRequests"),
}

MINUTES_OFF = 0.05  # how far averages, written with a digit or two, may be off the total they make


def charted(raw: ibis.Table, width: int) -> ibis.Table:
    """Metrics side by side, a row for each span of ``width`` [s]."""
    return raw.mutate(width=ibis.literal(width, "int64"))


def hourly(raw: ibis.Table, width: int) -> ibis.Table:
    """Metrics, a row each, as totals of tokens and requests by time and deployment.

    ``width`` [s] is the span of a row. One of the metrics may have two names, of which the
    first that a time holds counts.
    """
    amount = number(raw.amount)
    name = raw.metric.cast("string").strip().lower().re_replace("[^a-z]", "")
    flat = raw.mutate(amount=amount, metric=name)
    keys = [key for key in ("timestamp", "deployment", "model") if key in raw.columns]
    sums: dict[str, Any] = {
        f"{field}_{place}": flat.amount.sum(where=flat.metric == spelt.lower())
        for field, names in METRICS.items()
        for place, spelt in enumerate(names)
    }
    if {"average", "maximum"} <= set(raw.columns):
        flat = flat.mutate(most=_busiest(flat, width))
        sums |= {
            f"busiest_{place}": flat.most.max(where=flat.metric == spelt.lower())
            for place, spelt in enumerate(METRICS["requests"])
        }
    wide = flat.group_by(keys).agg(**sums)
    fields = (*METRICS, "busiest") if "busiest_0" in sums else METRICS
    found = {field: ibis.coalesce(wide[f"{field}_0"], wide[f"{field}_1"]) for field in fields}
    table = wide.select(*keys, **found, width=ibis.literal(width, "int64"))
    # a deployment's own row of another metric, with none of these, is no row of requests
    return table.filter(table.input.notnull() | table.output.notnull() | table.requests.notnull())


def _busiest(raw: ibis.Table, width: int) -> Any:
    """The amount of the busiest minute of a row's span; null where that is not told.

    Average and Maximum are over samples of a metric: of minutes only where so many averages make the
    total. Samples may be single requests, whose greatest is one.
    """
    average, maximum = number(raw.average), number(raw.maximum)
    by_minute = (average * (width / 60) - raw.amount).abs() <= MINUTES_OFF * raw.amount
    return ibis.ifelse(by_minute & maximum.between(average, raw.amount), maximum, None)


FORMATS = (
    Format(
        "apim",
        say("Azure API Management LLM log"),
        {
            "timestamp": ("TimeGenerated",),
            "input": ("PromptTokens",),
            "output": ("CompletionTokens",),
            "model": ("ModelName",),
            "deployment": ("DeploymentName",),
            "response_id": ("CorrelationId",),
            "sequence": ("SequenceNumber",),
            "prompt": ("RequestMessages",),
        },
        _MONITOR + "apimanagementgatewayllmlog",
        notes=(say("API Management's log of models counts no cached tokens"),),
    ),
    Format(
        "apim_gateway",
        say("Azure API Management gateway log"),
        {
            "timestamp": ("TimeGenerated",),
            "response_id": ("CorrelationId",),
            "status": ("ResponseCode", "BackendResponseCode"),
        },
        _MONITOR + "apimanagementgatewaylogs",
        needed=("timestamp", "response_id", "status"),
        marks=("IsRequestSuccess", "ResponseCode", "BackendResponseCode"),
        joins="apim",
    ),
    Format(
        "azure_metrics",
        say("Azure Monitor metrics"),
        {
            "timestamp": ("TimeGenerated", "timeStamp"),
            "metric": ("MetricName", "name.value"),
            "amount": ("Total",),
            "average": ("Average",),
            "maximum": ("Maximum",),
            "grain": ("TimeGrain",),
            "deployment": ("ModelDeploymentName",),
            "model": ("ModelName",),
        },
        "https://learn.microsoft.com/azure/ai-foundry/openai/monitor-openai-reference",
        needed=("timestamp", "metric", "amount"),
        spans=True,
        reshape=hourly,
        notes=_UNCOUNTED,
    ),
    Format(
        "azure_metrics_list",
        say("Azure Monitor metrics"),
        {
            "timestamp": ("data.timeStamp",),
            "metric": ("value.name.value",),
            "amount": ("data.total",),
            "average": ("data.average",),
            "maximum": ("data.maximum",),
        },
        "https://learn.microsoft.com/rest/api/monitor/metrics/list",
        needed=("timestamp", "metric", "amount"),
        nest=("value", "timeseries", "data"),
        spans=True,
        reshape=hourly,
        notes=_UNCOUNTED,
    ),
    Format(
        "azure_metrics_chart",
        say("Azure Monitor metrics"),
        {
            "timestamp": ("Timestamp", "TimeGenerated", "Time"),
            "input": ("InputTokens", "ProcessedPromptTokens"),
            "output": ("OutputTokens", "GeneratedTokens", "GeneratedCompletionTokens"),
            "requests": ("ModelRequests", "AzureOpenAIRequests"),
            "deployment": ("ModelDeploymentName",),
            "model": ("ModelName",),
        },
        "https://learn.microsoft.com/azure/azure-monitor/metrics/analyze-metrics",
        needed=("timestamp", "input", "output", "requests"),
        spans=True,
        reshape=charted,
        notes=_UNCOUNTED,
    ),
    Format(
        "bill",
        say("a bill"),
        {
            "timestamp": ("ChargePeriodStart", "Date", "UsageDate"),
            "metric": ("x_SkuMeterName", "SkuMeter", "MeterName"),
            "cost": ("BilledCost", "CostInBillingCurrency", "PreTaxCost", "Cost"),
        },
        "https://focus.finops.org/focus-specification/",
        needed=("timestamp", "metric", "cost"),
        refused=Fault(
            "",
            say("bills as CSV and without other logs beside them, or `advisor measured BILL SCENARIO`"),
            say("tokens and money by meter; a bill counts no requests"),
        ),
    ),
    Format(
        "azure_diagnostics",
        say("Azure OpenAI diagnostics (request and response log)"),
        {"timestamp": ("TimeGenerated", "time"), "status": ("ResultSignature",), "end": ("DurationMs",)},
        _MONITOR + "azurediagnostics",
        needed=("timestamp", "status", "end"),
        refused=Fault(
            "",
            say(
                "a log that counts tokens: Azure Monitor metrics (InputTokens, OutputTokens, ModelRequests) "
                "or API Management's LLM log"
            ),
            say("times, durations and status codes; this log counts no tokens"),
        ),
    ),
)
