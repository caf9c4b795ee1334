"""The chosen plan as files that Azure's tools accept.

Each file follows its published form: Azure CLI (Microsoft Learn, ``az cognitiveservices
account deployment``, ``az ml online-deployment``, ``az aks nodepool``), API Management's
``llm-semantic-cache-lookup`` policy, crontab and GitHub Actions workflows, and Azure
Monitor's ``scheduledQueryRules`` 2023-12-01 in a deployment template. The schemas beside
this module state the JSON and YAML forms; tests hold the files against them. What stands in the files is
the same in every language; the note beside each is for people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import yaml

from advisor.core.draws import central
from advisor.core.escaping import line, shell
from advisor.core.exhibits import Export
from advisor.core.saying import joined, numeral, say
from advisor.decide.option import Decision
from advisor.outputs.azure_alert import alert, slug
from advisor.steps import final_option, step
from advisor.system import provider_pool
from advisor.system.case import Case
from advisor.system.demand import demand
from advisor.system.plan import Plan
from advisor.system.premises import kept_in
from advisor.system.regions import region_name
from advisor.system.rollback import rollback_rule
from advisor.system.shifting import utc_offset_h

Settings = Mapping[str, Any]  # what follows from a step's setting in this case
# how Azure's catalogue names who made a model
FORMATS = {
    "OpenAI": "OpenAI", "Meta": "Meta", "Mistral AI": "Mistral AI", "Microsoft": "Microsoft",
    "DeepSeek": "DeepSeek", "xAI": "xAI", "Cohere": "Cohere", "Anthropic": "Anthropic",
    "Moonshot AI": "MoonshotAI",
}  # fmt: skip
SECONDS_PER_DAY = 86_400.0
LONGEST_TIMEOUT_MS = 180_000.0  # documented limit of managed online endpoints
JOB = "run-deferrable-job.sh"
HEADER = "#!/usr/bin/env bash\nset -euo pipefail\n"


def files(case: Case, decisions: Sequence[Decision]) -> tuple[Export, ...]:
    """Files for the plan; none while a step has no choice."""
    plan = final_option(case, decisions) if decisions else None
    return tuple(of_plan(case, plan.plan)) if plan is not None else ()


def of_plan(case: Case, plan: Plan) -> Iterator[Export]:
    """Deployment, cache policy, schedule of the job, and the roll-back alert of a plan.

    The schedule alone where data may not leave the premises: nothing of that plan runs in a cloud.
    """
    if kept_in(case):
        yield from job_schedule(case, step("operations").settings(case, plan))
        return
    settings = step("deployment").settings(case, plan)
    yield from deployment(case, plan, settings)
    if plan.deployment.mode in ("maas", "ptu", "maap"):
        yield cache_policy(case, settings)
    yield from job_schedule(case, step("operations").settings(case, plan))
    yield alert(case, rollback_rule(case, plan))


def command(*words: str) -> str:
    """A shell command with its options one a line; ``$NAME`` words are expanded by the shell."""
    shown = [word if word.startswith('"$') else shell(word) for word in words]
    lines: list[str] = []
    for word in shown:
        if word.startswith("--"):
            lines.append(word)
        elif lines:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return " \\\n  ".join(lines)


def _variables(**hints: str) -> str:
    return "".join(f': "${{{name}:?{hint}}}"\n' for name, hint in hints.items())


def deployment(case: Case, plan: Plan, settings: Settings) -> Iterator[Export]:
    """Commands that deploy the choice, with SKU and capacity; nothing for devices and search."""
    mode = plan.deployment.mode
    if mode in ("maas", "ptu", "embedding"):
        yield managed(case, plan, settings)
    elif "sku" in settings and settings.get("replicas_min") == 0:
        yield node_pool(case, settings)
    elif "sku" in settings:
        yield from online_endpoint(case, settings)


@dataclass(frozen=True, slots=True)
class Asked:
    """One deployment of a service to ask for: in which resource, of which model, how much of which SKU."""

    account: str
    name: str
    model: str
    sku: str
    size: int
    spills_to: str = ""


def tokens(case: Case, plan: Plan, model: str, calls: float) -> int:
    """Thousands of tokens that a model reads and writes for so many calls: all that is paid for.

    A classifier reads alone; the small model of a cascade judges what it answers, too.
    """
    parts = provider_pool.parts(case, plan.model, plan.improvement.technique)
    each = sum(
        central(share * (shape.input_tokens + (0.0 if plan.model.kind == "encoder" else shape.output_tokens)))
        for key, shape, share in parts
        if key == model
    )
    # rounded first, so that a product of decimals does not ask for one thousand more
    return max(ceil(round(calls * each / 1000.0, 6)), 1)


def asked_for(case: Case, plan: Plan, settings: Settings) -> Iterator[Asked]:
    """Every deployment of the plan: those behind a gateway, the batches, what units pass on to.

    By use: thousands of tokens in the busiest minute of the first year, what waits left out. Batches:
    thousands of tokens that wait on a mean day. Units as sized.
    """
    needed, waits = demand(case, *plan.early), float(settings.get("batch_share", 0.0))
    minute, day = float(needed.peak[0].max()) * 60.0, float(needed.rate[0].mean()) * SECONDS_PER_DAY
    for model in plan.model.models:
        name, sku = slug(model), str(settings["sku"])
        spare, batches = settings.get("spillover_sku"), settings.get("batch_sku")
        if plan.deployment.mode == "ptu":
            rest = f"{name}-rest" if spare else ""
            if spare:
                yield Asked("ACCOUNT", rest, model, str(spare), tokens(case, plan, model, minute))
            yield Asked("ACCOUNT", name, model, sku, int(settings["ptu"]), rest)
            continue
        if waits < 1.0 or not batches:
            live = tokens(case, plan, model, minute * (1.0 - waits if batches else 1.0))
            for number in range(1, int(settings.get("deployments", 1)) + 1):
                yield Asked(_account(number), name, model, sku, live)
        if batches:
            yield Asked(
                "ACCOUNT", f"{name}-batch", model, str(batches), tokens(case, plan, model, day * waits)
            )


def _account(number: int) -> str:
    return "ACCOUNT" if number == 1 else f"ACCOUNT_{number}"


def managed(case: Case, plan: Plan, settings: Settings) -> Export:
    """``az cognitiveservices account deployment create`` for a service or provisioned units."""
    asked = list(asked_for(case, plan, settings))
    accounts = dict.fromkeys(one.account for one in asked)
    hints = dict.fromkeys(accounts, "name of one more resource, in another region, behind the same gateway")
    hints["ACCOUNT"] = "name of your Foundry or Azure OpenAI resource"
    text = HEADER + _variables(
        **hints, GROUP="its resource group", MODEL_VERSION="version, as the list below shows it"
    )
    text += "# Names and versions that your resource offers:\n"
    text += "# az cognitiveservices account list-models --name NAME --resource-group GROUP --output table\n"
    for one in asked:
        known = one.model in case.catalogue.keys("models")
        publisher = str(case.catalogue.row("models", one.model).get("publisher", "")) if known else "OpenAI"
        text += command(
            "az", "cognitiveservices", "account", "deployment", "create",
            "--name", f'"${one.account}"', "--resource-group", '"$GROUP"', "--deployment-name", one.name,
            "--model-name", one.model, "--model-version", '"$MODEL_VERSION"',
            "--model-format", FORMATS.get(publisher, publisher),
            "--sku-name", one.sku, "--sku-capacity", str(one.size),
            *(("--spillover-deployment-name", one.spills_to) if one.spills_to else ()),
        ) + "\n"  # fmt: skip
    return Export("deploy.sh", "text/x-shellscript", text, joined(" ", _said(case, plan, settings, asked)))


def _said(case: Case, plan: Plan, settings: Settings, asked: Sequence[Asked]) -> Iterator[str]:
    """Where the resource must stand, and what each kind of capacity stands for."""
    if plan.deployment.region:
        yield say("The resource must stand in {region}.", region=region_name(case, plan.deployment.region))

    def sizes(*skus: object) -> str:
        of_first = [numeral(one.size, ",") for one in asked if one.account == "ACCOUNT" and one.sku in skus]
        return joined(say(" and "), of_first)

    by_use = sizes(settings.get("spillover_sku") if plan.deployment.mode == "ptu" else settings["sku"])
    if plan.deployment.mode == "ptu":
        yield say("Capacity {sizes} PTU.", sizes=sizes(settings["sku"]))
    if by_use:
        yield say("Capacity {sizes} thousand tokens a minute, the busiest minute.", sizes=by_use)
    count = int(settings.get("deployments", 1))
    if count > 1:
        yield say(
            "{count} resources in different regions hold it, behind a gateway that you set up.", count=count
        )
    if settings.get("batch_sku"):
        waiting = sizes(settings["batch_sku"])
        yield say("Batches: {sizes} thousand tokens that wait on a mean day.", sizes=waiting)


def online_endpoint(case: Case, settings: Settings) -> Iterator[Export]:
    """``az ml online-deployment create`` with its YAML, and autoscaling."""
    name = slug(str(settings["model"]))
    least, most = _each_region(settings)
    least = max(least, 1)
    document = {
        "$schema": "https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json",
        "name": "blue", "endpoint_name": name, "model": f"azureml:{name}@latest",
        "instance_type": settings["sku"], "instance_count": least,
        "request_settings": {
            "request_timeout_ms": int(min(case.scenario.constraints.latency_p95_ms, LONGEST_TIMEOUT_MS)),
            "max_concurrent_requests_per_instance": max(int(settings.get("batch") or 1), 1),
        },
    }  # fmt: skip
    precision = settings.get("precision")
    note = (
        say("Register the weights as {name} first, in {precision} precision.", name=name, precision=precision)
        if precision
        else say("Register the weights as {name} first, in their precision.", name=name)
    )
    yield Export("deployment.yml", "application/yaml", yaml.safe_dump(document, sort_keys=False), note)
    text = HEADER + _variables(
        GROUP="resource group",
        WORKSPACE="Machine Learning workspace",
        DEPLOYMENT_ID="resource id of the deployment",
    )
    place = ("--resource-group", '"$GROUP"', "--workspace-name", '"$WORKSPACE"')
    text += command("az", "ml", "online-endpoint", "create", "--name", name, *place) + "\n"
    text += command(
        "az", "ml", "online-deployment", "create", "--file", "deployment.yml", *place, "--all-traffic"
    )
    text += "\n" + command(
        "az", "monitor", "autoscale", "create", "--name", f"{name}-autoscale", "--resource-group", '"$GROUP"',
        "--resource", '"$DEPLOYMENT_ID"', "--min-count", str(least), "--max-count", str(most),
        "--count", str(least),
    )  # fmt: skip
    counted = say("{least} to {most} instances of {sku}.", least=least, most=most, sku=settings["sku"])
    yield Export(
        "deploy.sh", "text/x-shellscript", text + "\n", joined(" ", (counted, *_again(case, settings)))
    )


def _each_region(settings: Settings) -> tuple[int, int]:
    """Fewest and most machines that one region holds, where two share them evenly."""
    shared = 2 if settings.get("second_region") else 1
    return int(settings["replicas_min"]) // shared, int(settings["replicas"]) // shared


def _again(case: Case, settings: Settings) -> Iterator[str]:
    if settings.get("second_region"):
        yield say(
            "The same again in {region}, from resources there.",
            region=region_name(case, settings["second_region"]),
        )


def node_pool(case: Case, settings: Settings) -> Export:
    """``az aks nodepool add`` with an autoscaler that goes down to zero."""
    text = HEADER + _variables(GROUP="resource group", CLUSTER="AKS cluster with KEDA") + command(
        "az", "aks", "nodepool", "add", "--resource-group", '"$GROUP"', "--cluster-name", '"$CLUSTER"',
        "--name", "gpu", "--node-vm-size", str(settings["sku"]), "--enable-cluster-autoscaler",
        "--node-count", "0", "--min-count", "0", "--max-count", str(_each_region(settings)[1]),
    )  # fmt: skip
    note = say("Managed online endpoints keep one instance; a cluster can release its last node.")
    return Export(
        "deploy.sh", "text/x-shellscript", text + "\n", joined(" ", (note, *_again(case, settings)))
    )


def cache_policy(case: Case, settings: Settings) -> Export:
    """API Management's semantic cache: a lower score-threshold is stricter."""
    threshold = case.central("cache.score_threshold", "ratio")
    days = float(settings.get("ttl_days") or case.central("cache.ttl", "day"))
    used = str(settings.get("cache", "none")).startswith("semantic")
    advice = (
        say("Part of the plan.")
        if used
        else say("Not part of the plan: see the table of caches before you use it.")
    )
    text = f"""<!-- {advice} score-threshold: lower is stricter; test your false hits before raising it. -->
<policies>
  <inbound>
    <base />
    <llm-semantic-cache-lookup score-threshold="{threshold:g}" embeddings-backend-id="embeddings-backend" \
embeddings-backend-auth="system-assigned" ignore-system-messages="true">
      <vary-by>@(context.Subscription.Id)</vary-by>
    </llm-semantic-cache-lookup>
  </inbound>
  <backend>
    <base />
  </backend>
  <outbound>
    <llm-semantic-cache-store duration="{round(days * SECONDS_PER_DAY)}" />
    <base />
  </outbound>
  <on-error>
    <base />
  </on-error>
</policies>
"""
    return Export("semantic-cache-policy.xml", "application/xml", text, advice)


def job_schedule(case: Case, settings: Settings) -> Iterator[Export]:
    """The deferrable job at its clean hour: a crontab line and a GitHub Actions workflow, in UTC."""
    region, local = str(settings["job_region"]), int(settings["start_hour"])
    hour = (local - utc_offset_h(case, region)) % 24
    cron = f"0 {hour} * * *"
    note = say(
        "Starts at {local}:00 local standard time of {region}, {hour}:00 UTC.",
        local=local,
        region=region_name(case, region),
        hour=hour,
    )
    comment = f"# {line(str(note))}\n"
    yield Export("crontab", "text/plain", f"{comment}CRON_TZ=UTC\n{cron} ./{JOB}\n", note)
    hours = ceil(case.scenario.operations.job_hours)
    workflow: dict[str, Any] = {
        "name": "Deferrable job in clean hours",
        "on": {"schedule": [{"cron": cron}], "workflow_dispatch": {}},
        "permissions": {"contents": "read"},
        "concurrency": {"group": "deferrable-job", "cancel-in-progress": False},
        "jobs": {
            "run": {
                "runs-on": ["self-hosted", region],
                "timeout-minutes": hours * 60 * 2,
                "steps": [{"uses": "actions/checkout@v4"}, {"name": "Run the job", "run": f"./{JOB}"}],
            }
        },
    }
    text = comment + yaml.safe_dump(workflow, sort_keys=False)
    where = say("Place it in .github/workflows.")
    yield Export("deferrable-job.workflow.yml", "application/yaml", text, where)
