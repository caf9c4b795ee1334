import json
import re
import shlex
from datetime import UTC, datetime
from math import ceil
from pathlib import Path

import pytest
import yaml
from croniter import croniter
from defusedxml import ElementTree as SafeTree
from jsonschema import Draft202012Validator
from system.settings import by, case_of, model_of

import advisor
from advisor.catalogue import DATA, open_catalogue
from advisor.core.draws import central
from advisor.outputs import azure_files as export
from advisor.outputs.azure_alert import alert_template, query
from advisor.scenario import load_scenario, with_values
from advisor.steps import run, step
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting, OperationSetting, Plan, StorageSetting
from advisor.system.quality import of_model
from advisor.system.rollback import Rule

HERE = Path(advisor.__file__).parent / "outputs"
# what Microsoft Learn documents for each command
FLAGS = {
    "az cognitiveservices account deployment create": {
        "--name", "--resource-group", "--deployment-name", "--model-name", "--model-version",
        "--model-format", "--model-source", "--sku-name", "--sku", "--sku-capacity", "--capacity",
        "--spillover-deployment-name",
    },
    "az ml online-endpoint create": {
        "--name", "--file", "--resource-group", "--workspace-name", "--auth-mode",
    },
    "az ml online-deployment create": {
        "--file", "--name", "--endpoint-name", "--resource-group", "--workspace-name",
        "--all-traffic", "--set",
    },
    "az monitor autoscale create": {
        "--name", "--resource-group", "--resource", "--resource-type", "--min-count", "--max-count",
        "--count",
    },
    "az aks nodepool add": {
        "--resource-group", "--cluster-name", "--name", "--node-vm-size", "--enable-cluster-autoscaler",
        "--node-count", "--min-count", "--max-count",
    },
}  # fmt: skip
SKUS = {
    "Standard", "GlobalStandard", "DataZoneStandard", "GlobalBatch", "DataZoneBatch", "ProvisionedManaged",
    "GlobalProvisionedManaged", "DataZoneProvisionedManaged",
}  # fmt: skip


def planned(case, option="maas-global", model="gpt-4o-mini", technique="prompt", kind="single", timing="now"):
    """Files of a plan; ``option`` is how the key of its deployment begins."""
    setting, improvement = model_of(model, kind=kind), by(technique)
    found = step("deployment").alternatives(case.centre, setting, improvement)
    chosen = next(one for one in found if one.key.startswith(option))
    way = OperationSetting("never", "sized", timing)
    plan = Plan(setting, improvement, chosen, StorageSetting("today"), way)
    return {item.filename: item for item in export.of_plan(case, plan)}


def commands(script):
    """The az commands of a shell script, split as the shell does, options parted from their values."""
    joined = script.replace("\\\n", " ")
    for line in joined.splitlines():
        if line.startswith("az "):
            words = shlex.split(line)
            first = next(i for i, word in enumerate(words) if word.startswith("--"))
            options, name = {}, None
            for word in words[first:]:
                if word.startswith("--"):
                    name, options[word] = word, None
                else:
                    assert options[name] is None, f"{name} has two values"
                    options[name] = word
            yield " ".join(words[:first]), options


def schema(name):
    return Draft202012Validator(json.loads((HERE / name).read_text(encoding="utf-8")))


def test_every_file_is_there():
    files = planned(case_of())
    assert set(files) == {
        "deploy.sh", "semantic-cache-policy.xml", "crontab", "deferrable-job.workflow.yml",
        "rollback-alert.json",
    }  # fmt: skip
    assert all(item.content.endswith("\n") for item in files.values())


@pytest.mark.parametrize(
    ("option", "sku"),
    [
        ("maas-global", "GlobalStandard"), ("maas-datazone", "DataZoneStandard"),
        ("maas-swedencentral", "Standard"), ("ptu-global-yearly", "GlobalProvisionedManaged"),
        ("ptu-datazone-hourly", "DataZoneProvisionedManaged"), ("ptu-swedencentral", "ProvisionedManaged"),
    ],
)  # fmt: skip
def test_the_deployment_line_has_documented_flags_sku_and_capacity(option, sku):
    ((name, options),) = commands(planned(case_of(), option)["deploy.sh"].content)
    assert name == "az cognitiveservices account deployment create"
    assert set(options) <= FLAGS[name]
    assert options["--sku-name"] == sku
    assert options["--sku-name"] in SKUS
    assert int(options["--sku-capacity"]) > 0
    assert options["--model-format"] == "OpenAI"
    assert options["--name"] == "$ACCOUNT"


def test_capacity_is_that_of_the_plan():
    case = case_of(
        workload={"requests_per_day": 1_440_000, "input_tokens": 200, "output_tokens": 20, "profile": "flat",
                  "peak_to_mean": 1.0, "growth_per_year": 0.0, "retry_rate": 0.0, "deferrable_share": 0,
                  "turns_per_task": 1.0},
        # a prompt that adds nothing to the 200 tokens
        overrides={"prompt.added_tokens": {"low": 0, "central": 0, "high": 0, "unit": "tok",
                                           "owner": "a test", "reason": "the worked example"}},
    )  # fmt: skip
    ((_, options),) = commands(planned(case, "ptu-datazone-hourly", model="gpt-5.2")["deploy.sh"].content)
    assert options["--sku-capacity"] == "110"
    # by use: 1,000 requests a minute of 220 tokens are 220 thousand tokens a minute
    ((_, options),) = commands(planned(case, "maas-global", model="gpt-5.2")["deploy.sh"].content)
    assert options["--sku-capacity"] == "220"


def busy(**sections):
    """1,000 requests a minute, day and night, of 200 tokens read and 20 written."""
    return case_of(
        workload={"requests_per_day": 1_440_000, "input_tokens": 200, "output_tokens": 20, "profile": "flat",
                  "peak_to_mean": 1.0, "growth_per_year": 0.0, "retry_rate": 0.0, "deferrable_share": 0.2,
                  "deferrable_hours": 48, "turns_per_task": 1.0},
        overrides={"prompt.added_tokens": {"low": 0, "central": 0, "high": 0, "unit": "tok",
                                           "owner": "a test", "reason": "the worked example"}},
        **sections,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("option", "skus"),
    [
        ("batch-global", ("GlobalStandard", "GlobalBatch")),
        ("batch-datazone", ("DataZoneStandard", "DataZoneBatch")),
    ],
)
def test_what_waits_is_deployed_as_batches_and_what_cannot_behind_a_gateway(option, skus):
    """A fifth waits: 1,000 a minute x 0.8 x 220 = 176 thousand tokens; a day's 1.44 million x 0.2 x 220.

    One deployment is up 99.9 % of the time: 99.99 % takes two, each able to carry all.
    """
    files = planned(busy(operations={"availability": 0.9999}), option, model="gpt-5.2")
    script = files["deploy.sh"].content
    assert {options["--sku-name"] for _, options in commands(script)} <= SKUS
    asked = [
        (options["--name"], options["--sku-name"], int(options["--sku-capacity"]))
        for _, options in commands(script)
    ]
    live, batch = skus
    assert asked == [("$ACCOUNT", live, 176), ("$ACCOUNT_2", live, 176), ("$ACCOUNT", batch, 63_360)]
    assert ': "${ACCOUNT_2:?' in script
    assert "2 resources" in files["deploy.sh"].note
    assert "63,360 thousand tokens that wait" in files["deploy.sh"].note


def test_what_units_pass_on_has_a_deployment_to_go_to():
    files = planned(busy(), "ptu-datazone-yearly-spillover", model="gpt-5.2")
    rest, units = (options for _, options in commands(files["deploy.sh"].content))
    assert (rest["--sku-name"], units["--sku-name"]) == ("DataZoneStandard", "DataZoneProvisionedManaged")
    assert rest["--sku-capacity"] == "220"
    assert units["--spillover-deployment-name"] == rest["--deployment-name"]
    assert set(units) <= FLAGS["az cognitiveservices account deployment create"]


def own(unit, **figures):
    """Figures of one's own in the place of ours, each sure."""
    return {key.replace("__", "."): {"low": value, "central": value, "high": value, "unit": unit,
                                     "owner": "a test", "reason": "the worked example"}
            for key, value in figures.items()}  # fmt: skip


def test_what_a_judge_reads_is_asked_for_too():
    """A cascade's small model judges its 1,000 answers a minute: 200 + 20 tokens read, 5 written, each.

    That is 225 thousand beside the 220 of answering. By a judge that is always right the large one gets what
    is not accepted, (1 - share) x 1,000 x 220.
    """
    case = busy()
    figures = {**case.given.model_dump()["overrides"], **own("tok", cascade__judge_tokens=5),
               **own("ratio", cascade__judge_accuracy=1)}  # fmt: skip
    case = Case(with_values(case.given, {"overrides": figures}), case.catalogue, case.size - 1, 1)
    names = ("gpt-5.4-nano", "gpt-5.4")
    pair, improvement = model_of(*names, kind="cascade"), by("prompt")
    deployment = DeploymentSetting("maas", "global")
    plan = Plan(
        pair, improvement, deployment, StorageSetting("today"), OperationSetting("never", "sized", "now")
    )
    asked = export.asked_for(case, plan, step("deployment").settings(case, plan))
    sizes = {one.model: one.size for one in asked}
    far = 1.0 - central(of_model(case, names[0], "prompt"))
    assert sizes == {names[0]: 445, names[1]: ceil(round(far * 220, 6))}


def test_a_classifier_reads_and_writes_nothing():
    """1,000 requests a minute of 200 tokens read: 200 thousand tokens, the label is none."""
    called = planned(busy(), "embedding", "text-embedding-3-small", "train_classifier", "encoder")
    ((_, options),) = commands(called["deploy.sh"].content)
    assert options["--sku-capacity"] == "200"


def test_own_machines_get_a_deployment_file_and_autoscaling():
    files = planned(case_of(), "maap-nc40ads", "llama-3.3-70b")
    found = dict(commands(files["deploy.sh"].content))
    assert set(found) == {
        "az ml online-endpoint create", "az ml online-deployment create", "az monitor autoscale create",
    }  # fmt: skip
    for name, options in found.items():
        assert set(options) <= FLAGS[name]
    document = yaml.safe_load(files["deployment.yml"].content)
    assert document["instance_type"] == "Standard_NC40ads_H100_v5"
    assert document["instance_count"] == int(found["az monitor autoscale create"]["--min-count"])
    assert int(found["az monitor autoscale create"]["--max-count"]) >= document["instance_count"]
    assert found["az ml online-deployment create"]["--file"] == "deployment.yml"


def test_machines_of_two_regions_are_asked_for_in_each():
    """Both together are twice as many as one region needs: each file asks for half, and says where again."""
    wanted = {"operations": {"availability": 0.99}, "constraints": {"residency": "EU"}}
    one = planned(case_of(**wanted), "maap-nc40ads", "llama-3.3-70b")
    both = {**wanted, "operations": {"availability": 0.99, "survive_region_loss": True}}
    two = planned(case_of(**both), "maap-nc40ads", "llama-3.3-70b")
    counts = [
        (yaml.safe_load(files["deployment.yml"].content)["instance_count"],
         dict(commands(files["deploy.sh"].content))["az monitor autoscale create"]["--max-count"])
        for files in (one, two)
    ]  # fmt: skip
    assert counts[0] == counts[1]
    assert "again" not in one["deploy.sh"].note
    assert "The same again in France Central" in two["deploy.sh"].note


def test_a_pool_that_goes_to_zero():
    case = case_of(
        workload={"requests_per_day": 60_000, "profile": "nightly_batch"}, operations={"availability": 0.99}
    )
    found = step("deployment").alternatives(case.centre, model_of("phi-4"), by("prompt"))
    zero = next(one.key for one in found if one.to_zero)
    files = planned(case, zero, "phi-4")
    ((name, options),) = commands(files["deploy.sh"].content)
    assert name == "az aks nodepool add"
    assert set(options) <= FLAGS[name]
    assert options["--min-count"] == "0"


def test_a_managed_embedding_model_and_a_container():
    case = case_of()
    called = planned(case, "embedding", "text-embedding-3-small", "train_classifier", "encoder")
    ((name, options),) = commands(called["deploy.sh"].content)
    assert options["--model-name"] == "text-embedding-3-small"
    assert options["--sku-name"] in SKUS
    found = dict(
        commands(planned(case, "processors", "bert-base", "train_classifier", "encoder")["deploy.sh"].content)
    )
    assert "az ml online-deployment create" in found
    assert name == "az cognitiveservices account deployment create"


@pytest.mark.parametrize("template", sorted(path.stem for path in (DATA / "scenarios").glob("*.yaml")))
def test_every_template_ends_in_files_that_parse(template):
    case = Case(load_scenario(DATA / "scenarios" / f"{template}.yaml"), open_catalogue(offline=True), 40)
    files = {item.filename: item.content for item in export.files(case, run(case, flips=False))}
    assert "rollback-alert.json" in files
    schema("export_alert.schema.json").validate(json.loads(files["rollback-alert.json"]))
    assert croniter.is_valid(" ".join(files["crontab"].splitlines()[-1].split()[:5]))
    for name, options in commands(files.get("deploy.sh", "")):
        assert set(options) <= FLAGS[name]
    if "semantic-cache-policy.xml" in files:
        SafeTree.fromstring(files["semantic-cache-policy.xml"])


def test_the_cache_policy_is_strict_by_a_low_threshold():
    case = case_of(knowledge={"changes_every_days": 5})
    files = planned(case, "maas-global-semantic")
    root = SafeTree.fromstring(files["semantic-cache-policy.xml"].content)
    assert root.tag == "policies"
    assert [child.tag for child in root] == ["inbound", "backend", "outbound", "on-error"]
    lookup = root.find("inbound/llm-semantic-cache-lookup")
    assert set(lookup.attrib) == {
        "score-threshold", "embeddings-backend-id", "embeddings-backend-auth", "ignore-system-messages",
    }  # fmt: skip
    assert 0 < float(lookup.get("score-threshold")) <= 0.2
    assert lookup.get("embeddings-backend-auth") == "system-assigned"
    assert lookup.find("vary-by").text == "@(context.Subscription.Id)"
    # answers live a tenth of the five days between changes
    assert root.find("outbound/llm-semantic-cache-store").get("duration") == "43200"
    assert "lower is stricter" in files["semantic-cache-policy.xml"].content
    assert files["semantic-cache-policy.xml"].note == "Part of the plan."
    assert planned(case_of(), "maas-swedencentral")["semantic-cache-policy.xml"].note.startswith("Not part")


def test_the_schedule_is_a_cron_line_at_the_clean_hour():
    case = case_of(constraints={"home_region": "westus", "regions_allowed": ["westus"]})
    files = planned(case, "maas-westus", timing="time")
    line = files["crontab"].content.splitlines()[-1]
    expression = " ".join(line.split()[:5])
    assert croniter.is_valid(expression)
    start = croniter(expression, datetime(2027, 1, 1, tzinfo=UTC)).get_next(datetime)
    assert 8 <= (start.hour - 8) % 24 <= 13  # Californian standard time is UTC-8
    assert "CRON_TZ=UTC" in files["crontab"].content
    text = files["deferrable-job.workflow.yml"].content
    workflow = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 (keeps the word on)
    schema("export_workflow.schema.json").validate(yaml.safe_load(text))
    assert workflow["on"]["schedule"] == [{"cron": expression}]


def test_the_alert_follows_its_schema_and_the_rule():
    case = case_of(operations={"rollback_limit": 0.2})
    template = json.loads(planned(case)["rollback-alert.json"].content)
    schema("export_alert.schema.json").validate(template)
    (rule,) = template["resources"]
    (condition,) = rule["properties"]["criteria"]["allOf"]
    assert condition["operator"] == "GreaterThan"
    assert condition["threshold"] > 0
    assert "requests >= 6280" in condition["query"]
    assert condition["metricMeasureColumn"] in condition["query"]
    # a fifth above the plan's whole figure; each request bears what is not metered with it
    added = re.search(r"energy_wh \* \(1 - error\) \+ ([0-9.]+) \* requests\) / accepted", condition["query"])
    assert added is not None
    assert float(added[1]) > 0


def test_too_little_traffic_for_an_alert_is_said():
    """6,280 requests at 3,000 a day take 2.09 days: more than two, so three are said."""
    assert "by hand" in planned(case_of(workload={"requests_per_day": 200}))["rollback-alert.json"].note
    note = planned(case_of(workload={"requests_per_day": 3000}))["rollback-alert.json"].note
    assert "take 3 days, more than an alert looks back" in note


def test_figures_of_an_alert_end_in_a_digit():
    """Four digits of 1,234.5 are 1234, without a lone point behind them, which no query reads."""
    rule = Rule(1, 1000.0, 1234.5, 5.0, 1.0, 100.0, 0.1)
    assert "+ 5 * requests" in query(rule)
    described = alert_template(case_of(), rule)["resources"][0]["properties"]["description"]
    assert "above 1234 with" in described


@pytest.mark.parametrize("name", ["export_alert.schema.json", "export_workflow.schema.json"])
def test_schemas_are_schemas_and_refuse_nonsense(name):
    validator = schema(name)
    Draft202012Validator.check_schema(validator.schema)
    assert list(validator.iter_errors({"jobs": {}, "resources": []}))


def test_nothing_chosen_nothing_written():
    case = case_of()
    assert export.files(case, []) == ()


def test_hostile_names_stay_names():
    case = case_of(name='it\'s $(rm -rf /); "x" <b>')
    for item in planned(case).values():
        assert "$(rm" not in item.content or item.filename == "rollback-alert.json"
    assert export.slug("Ümlaut & Söhne!!") == "mlaut-s-hne"
    assert export.slug("%%%") == "advisor"
