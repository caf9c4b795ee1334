"""What the user brings along: models by their configuration, machines, and what was measured of them."""

from typing import Annotated, Literal, Self

from pydantic import model_validator

from advisor.core.saying import say
from advisor.scenario.kinds import Evidence, FileName, Line, Name, Section
from advisor.scenario.kinds import titled as _f

# how a model may be run, as a measurement names it: on whose machines, or in which way
Deployed = Literal[
    "managed", "own", "maas", "batch", "priority", "ptu", "maap", "embedding", "container", "processors",
    "edge",
]  # fmt: skip


class Energy(Section):
    """Energy per request as measured, before PUE."""

    wh: Annotated[float, _f("Energy per request", "Wh", ge=1e-9, le=1e6)]
    low: Annotated[float | None, _f("10 % are below", "Wh", ge=1e-9, le=1e6)] = None
    high: Annotated[float | None, _f("10 % are above", "Wh", ge=1e-9, le=1e6)] = None
    boundary: Annotated[Literal["gpu", "server"], _f("Measured at")] = "server"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        low, high = self.low or self.wh, self.high or self.wh
        if not low <= self.wh <= high:
            raise ValueError("low <= wh <= high")
        return self


class OwnEnergy(Energy):
    """The user's own measurement of energy per request, before PUE; another one where it runs otherwise."""

    deployment: Annotated[Deployed | None, _f("Only where it runs")] = None
    by_deployment: Annotated[dict[Deployed, Energy], _f("Where it runs otherwise", max_length=20)] = {}  # noqa: RUF012


class RunningBatch(Section):
    """Requests that one replica answers at once: as counted, or from two scrapes of vLLM's ``/metrics``."""

    batch: Annotated[float | None, _f("Requests at once", "item", ge=1, le=1e5)] = None
    low: Annotated[float | None, _f("10 % are below", "item", ge=1, le=1e5)] = None
    high: Annotated[float | None, _f("10 % are above", "item", ge=1, le=1e5)] = None
    before: Annotated[FileName | None, _f("First scrape of /metrics")] = None
    after: Annotated[FileName | None, _f("Second scrape of /metrics")] = None

    @model_validator(mode="after")
    def _told(self) -> Self:
        if (self.before is None) != (self.after is None) or (self.batch is None) == (self.before is None):
            raise ValueError(say("either batch, or both before and after"))
        if self.batch is None and (self.low or self.high):
            raise ValueError(say("low and high beside batch only"))
        if self.batch is not None and not (self.low or self.batch) <= self.batch <= (self.high or self.batch):
            raise ValueError("low <= batch <= high")
        return self


class OwnModel(Section):
    """An open model that the catalogue lacks, by its ``config.json``."""

    config: Annotated[FileName, _f("config.json of the model", description="As Hugging Face lays it out.")]
    title: Annotated[Line, _f("What it is called")] = ""
    like: Annotated[
        Name | None,
        _f(
            "Until tested, as good as",
            description="A model of the catalogue. Empty: the open one nearest in size.",
        ),
    ] = None
    licence: Annotated[Line, _f("Licence")] = "not stated"
    commercial: Annotated[Evidence, _f("Commercial use allowed")] = "unknown"


class OwnMachine(Section):
    """A machine with GPUs that is on no price list: bought, leased, or another provider's."""

    gpu: Annotated[Name, _f("GPU", description="A row of the catalogue's gpus.")]
    gpu_count: Annotated[int, _f("GPUs in it", "item", ge=1, le=16)]
    usd_per_hour: Annotated[
        float, _f("What it costs an hour", "USD/h", ge=0.001, le=10_000, description="Its power included.")
    ]
    region: Annotated[
        Name | None,
        _f("Stands in or near this Azure region", description="Empty: the home region."),
    ] = None
    hosted: Annotated[
        bool,
        _f(
            "Stands at another's",
            description="Colocated, hosted or another provider's: not on your premises.",
        ),
    ] = False
    title: Annotated[Line, _f("What it is called")] = ""
