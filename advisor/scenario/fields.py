"""The fields of a scenario: one workload, everything the five decisions need to know.

Every field has a default, a title, a unit and bounds; editors complete them from the
shipped JSON Schema, panels build their controls from them.
"""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, PrivateAttr, field_validator, model_validator

from advisor.core.bounds import MOST
from advisor.core.saying import say
from advisor.scenario.data_fields import DataSet, Ingestion
from advisor.scenario.kinds import (
    MOST_ENTRIES,
    NAMES,
    ONE_LINE,
    TOLD,
    Evidence,
    FileName,
    Line,
    Name,
    Prose,
    Section,
    Title,
    day,
)
from advisor.scenario.kinds import titled as _f
from advisor.scenario.knowledge_fields import Knowledge
from advisor.scenario.model_config import ModelConfig
from advisor.scenario.own import OwnEnergy, OwnMachine, OwnModel, RunningBatch
from advisor.scenario.quality_fields import Quality
from advisor.scenario.traffic import Traffic
from advisor.scenario.work_fields import Agent, Media, Today

if TYPE_CHECKING:
    from advisor.scenario.pilot_log import PilotRow
    from advisor.scenario.scrapes import Running

Task = Literal["chat", "rag_qa", "summarise", "extract", "classify", "translate", "generate", "code"]
Profile = Literal["office_hours", "evening", "always_on", "nightly_batch", "flat"]
StepName = Literal["foundation_model", "improvement", "deployment", "data_storage", "operations"]
STEP_NAMES: tuple[StepName, ...] = (
    "foundation_model", "improvement", "deployment", "data_storage", "operations",
)  # fmt: skip
# a plan is made for hardware, prices and grids of about now
PLANNED = day(date(2020, 1, 1), date(2100, 12, 31))
NOTED = day(date(2000, 1, 1), date(2100, 12, 31))
# every data set is compared on every tier: more than this is an inventory, not a scenario
MOST_DATA_SETS = 100
MOST_OWN = 20  # models or machines that are on no list


class Workload(Section):
    """How much is asked, of what size, and when."""

    requests_per_day: Annotated[float, _f("Requests per day", "request/day", ge=1, le=1e8)] = 10_000
    growth_per_year: Annotated[float, _f("Growth per year", "ratio", ge=-0.9, le=10)] = 0.2
    input_tokens: Annotated[float, _f("Input tokens per request", "tok", ge=10, le=1e6)] = 1_000
    output_tokens: Annotated[float, _f("Output tokens per request", "tok", ge=1, le=1e5)] = 300
    cached_input_share: Annotated[
        float, _f("Share of input that is a repeated prefix", "ratio", ge=0, le=1)
    ] = 0.0
    repeated_later_share: Annotated[
        float,
        _f(
            "Share of input that repeats behind what changes",
            "ratio",
            ge=0,
            le=1,
            description="Put first, a prompt cache could keep it.",
        ),
    ] = 0.0
    peak_to_mean: Annotated[float, _f("Peak minute over mean", "ratio", ge=1, le=1000)] = 4.0
    profile: Annotated[Profile, _f("When requests arrive")] = "office_hours"
    traffic: Annotated[
        FileName | None,
        _f("Traffic profile file", description="Written by `advisor usage`; wins over the numbers here."),
    ] = None
    traffic_multiplier: Annotated[
        float, _f("Plan for this many times the profile's traffic", "ratio", ge=1e-6, le=1e6)
    ] = 1.0
    deferrable_share: Annotated[float, _f("Share that can wait", "ratio", ge=0, le=1)] = 0.2
    deferrable_hours: Annotated[float, _f("It can wait at most", "h", ge=0, le=8760)] = 24
    turns_per_task: Annotated[float, _f("Turns until a task is done", "ratio", ge=1, le=100)] = 1.5
    retry_rate: Annotated[float, _f("Share of requests sent again", "ratio", ge=0, le=0.9)] = 0.02
    repeat_share: Annotated[
        float,
        _f(
            "Share of first questions asked before in other words",
            "ratio",
            ge=0,
            le=0.95,
            description="Of tasks: what follows a first question is in no cache. None until you say so.",
        ),
    ] = 0.0
    languages: Annotated[list[str], NAMES, _f("Languages", min_length=1, max_length=100)] = ["en"]


class Device(Section):
    """A device at the edge that must run the model by itself."""

    kind: Annotated[Name, _f("Device", description="A row of the catalogue's devices.")]
    count: Annotated[int, _f("Devices", "item", ge=1, le=10_000_000)] = 1
    share: Annotated[
        float,
        _f(
            "Share of a device for this workload",
            "ratio",
            ge=0.001,
            le=1,
            description="1: it does nothing else.",
        ),
    ] = 1.0


class Constraints(Section):
    """Hard limits: an option that breaks one is out, whatever its score."""

    residency: Annotated[
        Name,
        _f(
            "Where data may be processed",
            description="any, EU (member states), EUDB (EU Data Boundary), US or a country code such as DE.",
        ),
    ] = "any"
    on_premises: Annotated[
        bool,
        _f(
            "Data may not leave our own premises",
            description="Machines of own_machines and devices remain; services and rented machines do not.",
        ),
    ] = False
    regions_allowed: Annotated[
        list[str], NAMES, _f("Only these Azure regions (empty: any)", max_length=200)
    ] = []
    models_compared: Annotated[
        list[str], NAMES, _f("Compare only these models (empty: all)", max_length=200)
    ] = []
    home_region: Annotated[Name, _f("Azure region used before one is chosen")] = "westeurope"
    users_near: Annotated[
        list[str], NAMES, _f("Azure regions nearest the users", min_length=1, max_length=200)
    ] = ["westeurope"]
    latency_p95_ms: Annotated[float, _f("Answer complete within (95 of 100)", "ms", ge=1, le=1e9)] = 20_000
    first_token_p95_ms: Annotated[float, _f("First words within (95 of 100)", "ms", ge=1, le=1e9)] = 2_000
    private_network: Annotated[bool, _f("Private network needed")] = False
    open_weights: Annotated[bool, _f("Open weights needed")] = False
    self_hosted_allowed: Annotated[bool, _f("The team can run its own GPUs")] = True
    provenance: Annotated[
        dict[Name, Evidence], _f("Provenance verified, by model", max_length=MOST_ENTRIES)
    ] = {}
    security_scan: Annotated[
        dict[Name, Evidence], _f("Security scan passed, by model", max_length=MOST_ENTRIES)
    ] = {}
    device: Annotated[Device | None, _f("Edge device that must run it alone")] = None
    offline: Annotated[bool, _f("Must work without a network")] = False
    budget_usd_per_year: Annotated[float | None, _f("Budget per year", "USD", gt=0, le=1e15)] = None
    budget_kgco2e_per_year: Annotated[float | None, _f("Carbon budget per year", "kg", gt=0, le=1e15)] = None


class Operations(Section):
    """How it is kept good once it runs."""

    volatility: Annotated[Literal["stable", "moderate", "volatile"], _f("The domain is")] = "moderate"
    quality_loss_per_day: Annotated[
        float | None,
        _f("Share accepted lost per day", "ratio", ge=0, le=0.5, description="Empty: from the volatility."),
    ] = None
    retrain_kwh: Annotated[
        float | None,
        _f(
            "Energy of one retraining",
            "kWh",
            ge=0,
            le=1e9,
            description="Empty: from the improvement chosen.",
        ),
    ] = None
    rework: Annotated[
        float,
        _f(
            "Requests redone per poor answer",
            "ratio",
            ge=0,
            le=10,
            description="Where trained quality fades; others weigh on the figure per accepted answer.",
        ),
    ] = 1.0
    job_hours: Annotated[float, _f("Length of the batch job", "h", ge=0.01, le=1000)] = 4
    job_kwh: Annotated[float | None, _f("Energy of the batch job", "kWh", ge=1e-6, le=1e9)] = None
    job_measures: Annotated[
        Literal["serving", "another job"] | None,
        _f(
            "The job's energy is that of",
            description="Empty: the serving where all requests come at night and may wait, else another job.",
        ),
    ] = None
    job_requests: Annotated[
        float | None, _f("Requests answered in the metered job (empty: a day's)", "request", ge=1, le=1e12)
    ] = None
    job_earliest_hour: Annotated[int, _f("Job ready at (local hour)", "h", ge=0, le=23)] = 18
    slack_hours: Annotated[float, _f("It may wait", "h", ge=0, le=8760)] = 24
    interruptible: Annotated[bool, _f("It may pause")] = False
    request_energy_cv: Annotated[float, _f("Spread of energy per request (CV)", "ratio", ge=0.001, le=20)] = (
        1.0
    )
    detectable_difference: Annotated[float, _f("Difference a test must see", "ratio", ge=0.0001, le=1)] = 0.05
    rollback_limit: Annotated[float, _f("Roll back above", "ratio", ge=0.001, le=5)] = 0.10
    availability: Annotated[float, _f("Availability", "ratio", ge=0.9, le=0.999_999)] = 0.999
    evaluation_runs_per_month: Annotated[float, _f("Evaluation runs per month", "item", ge=0, le=3000)] = 4
    evaluation_samples: Annotated[int, _f("Answers judged per run", "item", ge=1, le=10_000_000)] = 500
    survive_region_loss: Annotated[bool, _f("Must survive the loss of a region")] = False


class Priorities(Section):
    """How much each concern weighs where gates leave a choice; only ratios matter."""

    carbon: Annotated[float, _f("Weight of carbon", "ratio", ge=0, le=100)] = 4
    cost: Annotated[float, _f("Weight of cost", "ratio", ge=0, le=100)] = 3
    quality: Annotated[float, _f("Weight of quality", "ratio", ge=0, le=100)] = 2
    water: Annotated[float, _f("Weight of water", "ratio", ge=0, le=100)] = 1
    energy: Annotated[float, _f("Weight of energy", "ratio", ge=0, le=100)] = 0
    ewaste: Annotated[float, _f("Weight of e-waste", "ratio", ge=0, le=100)] = 0
    carbon_price_usd_per_t: Annotated[
        float | None, _f("Carbon price, in place of all weights", "USD/t", ge=0, le=1e5)
    ] = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.carbon_price_usd_per_t is None and not any(self.model_dump().values()):
            raise ValueError(say("at least one priority above zero"))
        return self


class Timing(Section):
    """When it starts, how long it is planned for, what is due when."""

    start: Annotated[date, PLANNED, _f("Start")] = date(2027, 1, 1)
    horizon_years: Annotated[float, _f("Planned for", "year", ge=0.1, le=20)] = 3
    model_stays_days: Annotated[
        float, _f("A model must stay on sale from the start for", "day", ge=0, le=3650)
    ] = 180
    deadlines: Annotated[dict[Title, Annotated[date, PLANNED]], _f("Due dates", max_length=MOST_ENTRIES)] = {}


class Measurements(Section):
    """What the user measured; it wins over every estimate."""

    wh_per_request: Annotated[
        dict[Name, OwnEnergy], _f("Energy per request, by model", max_length=MOST_ENTRIES)
    ] = {}
    running_batch: Annotated[
        dict[Name, RunningBatch], _f("Requests at once on own machines, by model", max_length=MOST_ENTRIES)
    ] = {}
    network_kwh_per_gb: Annotated[float | None, _f("Network energy", "kWh/GB", ge=0, le=1000)] = None
    round_trip_ms: Annotated[
        dict[Name, Annotated[float, Field(ge=0, le=1e6)]],
        _f("Round trip from the users, by Azure region", "ms", max_length=200),
    ] = {}
    intensity_series: Annotated[
        FileName | None,
        _f(
            "Hourly carbon intensity file",
            description="CSV with columns time and g_per_kwh; its shape over the hours is the home region's.",
        ),
    ] = None
    pilot_log: Annotated[
        FileName | None,
        _f(
            "Pilot log file",
            description="CSV: model, technique, score, input_tokens, output_tokens, turns, retries.",
        ),
    ] = None


class Recorded(Section):
    """A decision as taken by people: what, when, by whom, why."""

    choice: Annotated[Name, _f("Option")]
    on: Annotated[date | None, NOTED, _f("Taken on")] = None
    by: Annotated[Line, _f("Taken by")] = ""
    reason: Annotated[Prose, _f("Because")] = ""


class Override(Section):
    """The user's own value for a coefficient, with its reason."""

    low: Annotated[float, _f("10 % are below", ge=-MOST, le=MOST)]
    central: Annotated[float, _f("Median", ge=-MOST, le=MOST)]
    high: Annotated[float, _f("10 % are above", ge=-MOST, le=MOST)]
    unit: Annotated[Name, _f("Unit")]
    owner: Annotated[Name, _f("Owner")]
    reason: Annotated[Prose, _f("Reason", min_length=1)]
    on: Annotated[date | None, NOTED, _f("Set on")] = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.central <= self.high:
            raise ValueError("low <= central <= high")
        return self


class Scenario(Section):
    """One workload and the decisions taken about it so far."""

    schema_version: Annotated[Literal[1], _f("Version of this format")] = 1
    began_as: Annotated[
        Line, _f("Template it began as", description="A value that is still its is confirmed by nobody.")
    ] = ""
    name: Annotated[str, _f("Name", min_length=1, max_length=120), ONE_LINE, TOLD]
    description: Annotated[Prose, _f("What it is for")] = ""
    task: Annotated[Task, _f("Task")]
    workload: Annotated[Workload, _f("Workload")] = Field(default_factory=Workload)
    quality: Annotated[Quality, _f("Quality")] = Field(default_factory=Quality)
    knowledge: Annotated[Knowledge, _f("Knowledge")] = Field(default_factory=Knowledge)
    constraints: Annotated[Constraints, _f("Constraints")] = Field(default_factory=Constraints)
    data_sets: Annotated[list[DataSet], _f("Data sets", max_length=MOST_DATA_SETS)] = []
    ingestion: Annotated[Ingestion, _f("Ingestion")] = Field(default_factory=Ingestion)
    agent: Annotated[Agent | None, _f("Work of an agent (empty: a request is one call)")] = None
    media: Annotated[Media | None, _f("Images and sound (empty: text alone)")] = None
    operations: Annotated[Operations, _f("Operations")] = Field(default_factory=Operations)
    priorities: Annotated[Priorities, _f("Priorities")] = Field(default_factory=Priorities)
    timing: Annotated[Timing, _f("Timing")] = Field(default_factory=Timing)
    measurements: Annotated[Measurements, _f("Own measurements")] = Field(default_factory=Measurements)
    own_models: Annotated[dict[Name, OwnModel], _f("Models of one's own, by name", max_length=MOST_OWN)] = {}
    own_machines: Annotated[
        dict[Name, OwnMachine], _f("Machines of one's own, by name", max_length=MOST_OWN)
    ] = {}
    today: Annotated[Today | None, _f("What runs now (empty: nothing yet)")] = None
    notes: Annotated[
        dict[Name, Prose], _f("Why each number is what it is, by path", max_length=MOST_ENTRIES)
    ] = {}
    owners: Annotated[
        dict[Name, Annotated[Line, TOLD]], _f("Who answers for each number, by path", max_length=MOST_ENTRIES)
    ] = {}
    overrides: Annotated[
        dict[Name, Override], _f("Own values for coefficients", max_length=MOST_ENTRIES)
    ] = {}
    decisions: Annotated[dict[StepName, Recorded], _f("Decisions taken")] = {}

    @field_validator("data_sets")
    @classmethod
    def _named_apart(cls, value: list[DataSet]) -> list[DataSet]:
        names = [data_set.name for data_set in value]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(say("each name once, not {names} again", names=", ".join(twice)))
        return value

    _traffic: Traffic | None = PrivateAttr(default=None)
    _pilot: "tuple[PilotRow, ...]" = PrivateAttr(default=())
    _intensity: tuple[float, ...] = PrivateAttr(default=())
    _configs: dict[str, ModelConfig] | None = PrivateAttr(default=None)
    _scraped: "dict[str, Running] | None" = PrivateAttr(default=None)

    @property
    def traffic(self) -> Traffic | None:
        """The traffic profile that ``workload.traffic`` names, once loaded."""
        return self._traffic

    @property
    def intensity(self) -> tuple[float, ...]:
        """Hourly intensity over its mean from ``measurements.intensity_series``; empty without one."""
        return self._intensity

    @property
    def pilot(self) -> "tuple[PilotRow, ...]":
        """The rows of the pilot log that ``measurements.pilot_log`` names, once loaded."""
        return self._pilot

    @property
    def configs(self) -> dict[str, ModelConfig] | None:
        """The configurations that ``own_models`` name, once loaded, by model."""
        return self._configs

    @property
    def scraped(self) -> "dict[str, Running] | None":
        """What ran between the scrapes that ``measurements.running_batch`` names, once loaded, by model."""
        return self._scraped
