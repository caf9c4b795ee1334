"""What a task is made of beyond one text request, an agent's calls, images, sound; and what runs today."""

from typing import Annotated, Self

from pydantic import model_validator

from advisor.core.saying import say
from advisor.scenario.kinds import Name, Section
from advisor.scenario.kinds import titled as _f


class Agent(Section):
    """Work done by an agent: a request of the workload is then a whole task, a tree of calls.

    The first call reads the workload's input tokens; each later one also reads what came before.
    """

    calls_per_task: Annotated[float, _f("Model calls until a task is done", "item", ge=1, le=500)] = 10
    growth_tokens: Annotated[
        float, _f("Tokens each call adds to the history (tool results, its answer)", "tok", ge=0, le=1e6)
    ] = 1_000
    cached_history_share: Annotated[
        float, _f("Share of the history read from the prompt cache", "ratio", ge=0, le=1)
    ] = 0.9
    sub_agents: Annotated[float, _f("Sub-agents started per task", "item", ge=0, le=100)] = 0
    calls_per_sub_agent: Annotated[float, _f("Model calls of a sub-agent", "item", ge=1, le=500)] = 5
    sub_agent_input_tokens: Annotated[float, _f("Tokens a sub-agent starts with", "tok", ge=10, le=1e6)] = (
        2_000
    )
    tools_per_call: Annotated[float, _f("Tool calls per model call", "ratio", ge=0, le=20)] = 0.8
    tool_wh: Annotated[
        float | None, _f("Energy of a tool call", "Wh", ge=0, le=1e5, description="Empty: a range.")
    ] = None
    tool_usd: Annotated[float, _f("Price of a tool call", "USD", ge=0, le=100)] = 0.0
    compact_above_tokens: Annotated[
        float | None,
        _f("Summarise the history above", "tok", ge=100, le=1e7, description="Empty: never."),
    ] = None
    compact_to_tokens: Annotated[float, _f("Tokens a summary keeps", "tok", ge=10, le=1e6)] = 2_000
    planner_share: Annotated[
        float, _f("Share of calls that plan, where workers do the rest", "ratio", ge=0, le=1)
    ] = 0.25

    @model_validator(mode="after")
    def _shorter(self) -> Self:
        if self.compact_above_tokens is not None and self.compact_to_tokens >= self.compact_above_tokens:
            raise ValueError(say("compact_to_tokens below compact_above_tokens"))
        return self


class Media(Section):
    """Parts of a request that are no text. Images and sound per request; embedding per month."""

    images_read: Annotated[float, _f("Images read per request", "item", ge=0, le=1000)] = 0
    tokens_per_image: Annotated[
        float | None, _f("Tokens an image is read as", "tok", ge=1, le=1e5, description="Empty: a range.")
    ] = None
    images_made: Annotated[float, _f("Images made per request", "item", ge=0, le=100)] = 0
    audio_read_s: Annotated[float, _f("Sound transcribed per request", "s", ge=0, le=1e5)] = 0
    speech_made_s: Annotated[float, _f("Speech made per request", "s", ge=0, le=1e5)] = 0
    embedded_mtok_per_month: Annotated[
        float, _f("Text embedded beside the index, a month", "Mtok/month", ge=0, le=1e9)
    ] = 0
    video_made_s: Annotated[float, _f("Video made per request", "s", ge=0, le=3600)] = 0


class Today(Section):
    """What runs now: an option of each step by its key, as plan.json names them."""

    model: Annotated[Name, _f("Model that answers today")]
    technique: Annotated[Name, _f("How it gets what it lacks today")] = "prompt"
    deployment: Annotated[Name, _f("How it is run today")] = "maas-global"
    storage: Annotated[Name, _f("How data is kept today")] = "today"
    operations: Annotated[Name, _f("How it is kept good today")] = "never-planned-now"
