"""Small logs as gateways and providers write them, each figure worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.core.errors import LogError
from advisor.scenario.traffic import Traffic
from advisor.usage import read_usage

from .samples import write_lines


def read(folder: Path, name: str, text: str, **options: Any) -> Traffic:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_usage([str(path)], **options)


def lines(folder: Path, rows: list[dict[str, Any]], **options: Any) -> Traffic:
    return read_usage([str(write_lines(folder / "log.jsonl", rows))], **options)


def central(share: Any) -> float:
    assert share is not None
    return float(share.central)


def anthropic_rows() -> list[dict[str, Any]]:
    return [
        {"id": f"msg_{i}", "type": "message", "model": "claude-sonnet-4-5",
         "created_at": f"2026-11-03T{hour}:15:22Z",
         "usage": {"input_tokens": fresh, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 6000,
                   "output_tokens": out, "service_tier": "standard"}}
        for i, hour, fresh, out in ((1, "09", 50, 220), (2, "11", 60, 230))
    ]  # fmt: skip


def test_anthropic_counts_the_cache_beside_the_input(tmp_path: Path) -> None:
    """6,050 and 6,060 sent: mean 6,055, of which 12,000 / 12,110 = 99.1 % from the cache."""
    traffic = lines(tmp_path, anthropic_rows())
    assert traffic.recognised_as == "Anthropic messages"
    assert traffic.input_tokens.mean == 6055
    assert traffic.output_tokens.mean == 225
    assert central(traffic.cached_share) == pytest.approx(12_000 / 12_110)
    assert traffic.requests_per_day is None  # two requests tell no day
    assert traffic.peak_to_mean is None


def test_anthropic_and_openai_in_one_log_keep_their_own_ways_of_counting(tmp_path: Path) -> None:
    """OpenAI's 2,000 hold its 1,500 cached: mean (6,050 + 6,060 + 2,000) / 3."""
    other = {"created_at": "2026-11-03T12:00:00Z", "model": "gpt-5-mini",
             "usage": {"prompt_tokens": 2000, "completion_tokens": 10,
                       "prompt_tokens_details": {"cached_tokens": 1500}}}  # fmt: skip
    traffic = lines(tmp_path, [other, *anthropic_rows()])
    assert traffic.input_tokens.mean == pytest.approx((6050 + 6060 + 2000) / 3)
    assert central(traffic.cached_share) == pytest.approx(13_500 / 14_110)


def span(hour: int, cached: int = 4096) -> dict[str, Any]:
    return {"start_time": f"2026-11-03T{hour:02d}:15:22Z",
            "attributes": {"gen_ai.provider.name": "aws.bedrock", "gen_ai.request.model": "chat-prod",
                           "gen_ai.response.model": "claude-sonnet-4-5", "gen_ai.usage.input_tokens": 310,
                           "gen_ai.usage.cache_read.input_tokens": cached,
                           "gen_ai.usage.output_tokens": 180}}  # fmt: skip


def test_more_cached_than_input_means_beside_it(tmp_path: Path) -> None:
    """310 + 4,096 = 4,406 sent, 93 % of it cached; the model that answered, not the deployment."""
    traffic = lines(tmp_path, [span(9), span(10)])
    assert traffic.input_tokens.mean == 4406
    assert central(traffic.cached_share) == pytest.approx(4096 / 4406)
    assert list(traffic.models) == ["claude-sonnet-4-5"]
    assert any("beside it and added" in caveat for caveat in traffic.caveats)


def test_the_convention_is_the_log_s_not_the_row_s(tmp_path: Path) -> None:
    """A row of 310 with 100 cached, among rows that show the cache stands beside, is 410 as well."""
    traffic = lines(tmp_path, [span(9), span(10, cached=100)])
    assert traffic.input_tokens.maximum == 4406
    assert traffic.input_tokens.mean == (4406 + 410) / 2
    within = lines(tmp_path, [span(9, cached=200), span(10, cached=100)])
    assert within.input_tokens.mean == 310
    assert central(within.cached_share) == pytest.approx(300 / 620)


def test_an_agent_s_own_span_is_no_request(tmp_path: Path) -> None:
    """Two calls and one tool of one conversation; the agent's span repeats what its calls count."""
    rows = []
    for kind, tokens in (("chat", 100), ("execute_tool", None), ("chat", 160), ("invoke_agent", 260)):
        attributes: dict[str, Any] = {"gen_ai.operation.name": kind, "gen_ai.conversation.id": "c"}
        if tokens:
            attributes |= {"gen_ai.usage.input_tokens": tokens, "gen_ai.usage.output_tokens": 5,
                           "gen_ai.response.model": "gpt-5-mini"}  # fmt: skip
        rows.append({"start_time": f"2026-11-03T09:0{len(rows)}:00Z", "attributes": attributes})
    traffic = lines(tmp_path, rows)
    assert traffic.requests == 2
    assert traffic.input_tokens.mean == 130
    assert traffic.dropped == {}
    tasks = traffic.tasks
    assert tasks is not None
    assert (tasks.told_by, tasks.tasks, tasks.turns_mean, tasks.growth, tasks.tools) == ("trace", 1, 2, 60, 1)


def test_openai_keeps_writes_reasoning_and_tier(tmp_path: Path) -> None:
    """2,006 in: 1,500 read, 400 written, 106 fresh; 448 of 482 out are reasoning."""
    usage = {"prompt_tokens": 2006, "completion_tokens": 482,
             "prompt_tokens_details": {"cached_tokens": 1500, "cache_write_tokens": 400},
             "completion_tokens_details": {"reasoning_tokens": 448, "audio_tokens": 0}}  # fmt: skip
    rows = [{"id": f"c{at}", "object": "chat.completion", "created": at, "usage": usage,
             "model": "gpt-5.6-luna-2026-07-09", "service_tier": "priority"}
            for at in (1793697322, 1793699322)]  # fmt: skip
    traffic = lines(tmp_path, rows)
    assert traffic.input_tokens.mean == 2006
    assert traffic.output_tokens.mean == 482
    assert central(traffic.cached_share) == pytest.approx(1500 / 2006)
    assert central(traffic.cache_write_share) == pytest.approx(400 / 2006)
    assert central(traffic.reasoning_share) == pytest.approx(448 / 482)
    assert traffic.tiers == {"priority": 1.0}
    assert list(traffic.models) == ["gpt-5.6-luna"]
    assert traffic.period_start == "2026-11-03T09:15:22Z"


LITELLM = """request_id,call_type,spend,total_tokens,prompt_tokens,completion_tokens,startTime,model,\
metadata,status
x1,acompletion,0,2306,2006,300,2026-11-03 09:15:22.104,azure/chat-prod,\
"{""usage_object"":{""prompt_tokens_details"":{""cached_tokens"":1920}}}",success
x2,aembedding,0,500,500,0,2026-11-03 09:16:22.104,azure/emb,{},success
"""


def test_litellm_splits_by_call_and_reads_metadata(tmp_path: Path) -> None:
    traffic = read(tmp_path, "log.csv", LITELLM, models={"chat-prod": "gpt-5-mini"}, ask=True)
    assert traffic.requests == 1
    assert traffic.input_tokens.mean == 2006
    assert central(traffic.cached_share) == pytest.approx(1920 / 2006)
    assert (traffic.apart["embedding"].requests, traffic.apart["embedding"].input_tokens) == (1, 500)
    assert list(traffic.models) == ["gpt-5-mini"]


def test_a_deployment_s_model_is_asked_for_once(tmp_path: Path) -> None:
    more = "".join(
        f"x,acompletion,0,2,1,1,2026-11-03 09:15:22,azure/{name},{{}},success\n"
        for name in ("chat-prod", "agents", "gpt-4o-2024-08-06")
    )
    with pytest.raises(LogError) as raised:
        read(tmp_path, "log.csv", LITELLM + more, ask=True)
    (fault,) = raised.value.faults
    assert fault.found == "agents, chat-prod"
    kept = read(tmp_path, "log.csv", LITELLM + more)
    assert any("agents, chat-prod" in caveat for caveat in kept.caveats)
    assert "gpt-4o" in kept.models


def test_images_stand_apart(tmp_path: Path) -> None:
    text = (
        "TIMESTAMP,NumImages,ContextTokens,GeneratedTokens\n"
        "2024-10-09 00:00:00.017000+00:00,2,1830,92\n2024-10-09 00:00:03.017000+00:00,0,830,192\n"
    )
    traffic = read(tmp_path, "log.csv", text)
    assert traffic.recognised_as == "Azure LMM inference trace"
    assert (traffic.requests, traffic.input_tokens.mean, traffic.output_tokens.mean) == (1, 830, 192)
    images = traffic.apart["text about images"]
    assert (images.requests, images.images, images.input_tokens, images.output_tokens) == (1, 2, 1830, 92)
    assert any("1 call for text about images stand apart" in caveat for caveat in traffic.caveats)


def test_relative_times_are_never_dates(tmp_path: Path) -> None:
    rows = [
        {"timestamp": at, "input_length": size, "output_length": 500, "hash_ids": [0, at]}
        for at, size in ((0, 6758), (27_000, 7322), (90_000_000, 7322))
    ]
    traffic = lines(tmp_path, rows)
    assert traffic.period_start == "day 1, 00:00"
    assert traffic.period_end == "day 2, 01:00"  # 90,000 s are 25 hours
    assert "1970" not in traffic.model_dump_json()


METRICS = "TimeGenerated,MetricName,Total,Average,Minimum,Maximum,ModelDeploymentName,ModelName\n" + "".join(
    f"2026-11-03T09:00:00Z,{name},{total},{mean},0,9,chat-prod,gpt-5-mini\n"
    for name, total, mean in (
        ("InputTokens", 512_000, 8533.3),
        ("OutputTokens", 61_000, 1016.7),
        ("ModelRequests", 410, 6.8),
    )
)


def test_metrics_tell_means_and_no_spread(tmp_path: Path) -> None:
    """410 requests in an hour of 60 minutely means; 512,000 / 410 in, 61,000 / 410 out."""
    traffic = read(tmp_path, "log.csv", METRICS)
    assert traffic.requests == 410
    assert traffic.hours_covered == pytest.approx(1)
    assert traffic.requests_per_day is not None
    assert traffic.requests_per_day.central == pytest.approx(9840)
    assert traffic.input_tokens.mean == pytest.approx(512_000 / 410)
    assert traffic.output_tokens.mean == pytest.approx(61_000 / 410)
    assert traffic.input_tokens.p50 is None
    assert traffic.joint is None
    assert any("how they spread is unknown" in caveat for caveat in traffic.caveats)


def test_the_maximum_of_minutes_is_the_busiest_minute(tmp_path: Path) -> None:
    """60 averages of 6.8 make the 410 of an hour, so samples are minutes: 9 in the busiest, 410 / 60 = 6.833
    on the mean, 9 / 6.833 = 1.317."""
    traffic = read(tmp_path, "log.csv", METRICS)
    assert central(traffic.peak_to_mean) == pytest.approx(9 / (410 / 60))
    assert traffic.peak_minute == 9
    assert not any("busiest minute" in caveat for caveat in traffic.caveats)


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("TimeGenerated,MetricName,Total,Average,Minimum,Maximum", "TimeGenerated,MetricName,Total,a,b,c"),
        (",410,6.8,0,9,", ",410,1,1,1,"),  # samples are requests: the greatest of them is one
        (",410,6.8,0,9,", ",410,6.8,0,,"),
    ],
)
def test_totals_that_hide_their_busiest_minute_tell_no_peak(
    written: str, instead: str, tmp_path: Path
) -> None:
    traffic = read(tmp_path, "log.csv", METRICS.replace(written, instead))
    assert traffic.requests == 410
    assert traffic.peak_to_mean is None
    assert traffic.peak_minute is None
    assert "the totals hide the busiest minute; the scenario's own peak holds" in traffic.caveats


def test_one_metric_under_two_names_counts_once(tmp_path: Path) -> None:
    old = METRICS.replace("InputTokens", "ProcessedPromptTokens").replace(
        "ModelRequests", "AzureOpenAIRequests"
    )
    both = METRICS + "".join(old.splitlines(keepends=True)[1:])
    assert read(tmp_path, "log.csv", both).input_tokens.mean == pytest.approx(512_000 / 410)


def test_langfuse_counts_generations_only(tmp_path: Path) -> None:
    text = (
        "id,timestamp,name,type,model,promptTokens,completionTokens,totalTokens,latency,totalCost,level\n"
        "o1,2026-11-03T09:15:22.104Z,a,GENERATION,gpt-5-mini-2025-08-07,1840,212,2052,2.31,0.00088,DEFAULT\n"
        "o2,2026-11-03T09:15:40.000Z,a,GENERATION,gpt-5-mini-2025-08-07,900,100,1000,1.31,0.00044,DEFAULT\n"
        "o3,2026-11-03T09:15:41.000Z,a,SPAN,,,,,3.5,,DEFAULT\n"
    )
    traffic = read(tmp_path, "log.csv", text)
    assert traffic.requests == 2
    assert traffic.input_tokens.mean == (1840 + 900) / 2
    assert list(traffic.models) == ["gpt-5-mini"]
    assert traffic.dropped == {}


def test_langfuse_details_leave_the_cache_out(tmp_path: Path) -> None:
    """Input 500, cached 1,500: 2,000 sent. Output 100 visible, 300 reasoning: 400 made."""
    details = {"input": 500, "input_cached_tokens": 1500, "output": 100, "output_reasoning_tokens": 300}
    row = {"startTime": "2026-11-03T09:15:22Z", "type": "GENERATION", "model": "gpt-5", "traceId": "t",
           "usageDetails": json.dumps(details)}  # fmt: skip
    traffic = lines(tmp_path, [row])
    assert traffic.input_tokens.mean == 2000
    assert traffic.output_tokens.mean == 400
    assert central(traffic.cached_share) == 0.75
    assert central(traffic.reasoning_share) == 0.75


def test_bedrock_counts_the_cache_beside_the_input(tmp_path: Path) -> None:
    """25 + 1,000 read + 75 written = 1,100."""
    row = {"schemaType": "ModelInvocationLog", "timestamp": "2026-11-03T09:15:22Z", "operation": "Converse",
           "modelId": "arn:aws:bedrock:us-east-1:1:inference-profile/"
                      "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
           "input": {"inputTokenCount": 25, "cacheReadInputTokenCount": 1000,
                     "cacheWriteInputTokenCount": 75},
           "output": {"outputTokenCount": 50}}  # fmt: skip
    traffic = lines(tmp_path, [row])
    assert traffic.input_tokens.mean == 1100
    assert central(traffic.cached_share) == pytest.approx(1000 / 1100)
    assert central(traffic.cache_write_share) == pytest.approx(75 / 1100)
    assert list(traffic.models) == ["claude-sonnet-4-5"]


def test_gemini_counts_thoughts_and_tools_beside(tmp_path: Path) -> None:
    """Prompt 1,000 with 600 cached, tools 50 more: 1,050 in. 80 visible and 120 thought: 200 out."""
    row = {"createTime": "2026-11-03T09:15:22Z", "modelVersion": "gemini-2.5-flash",
           "usageMetadata": {"promptTokenCount": 1000, "cachedContentTokenCount": 600,
                             "toolUsePromptTokenCount": 50, "candidatesTokenCount": 80,
                             "thoughtsTokenCount": 120, "trafficType": "PROVISIONED_THROUGHPUT"}}  # fmt: skip
    traffic = lines(tmp_path, [row])
    assert traffic.input_tokens.mean == 1050
    assert traffic.output_tokens.mean == 200
    assert central(traffic.cached_share) == pytest.approx(600 / 1050)
    assert central(traffic.reasoning_share) == pytest.approx(0.6)
    assert traffic.tiers == {"provisioned": 1.0}


def test_helicone_knows_its_provider(tmp_path: Path) -> None:
    """Anthropic through Helicone: 50 beside 950 cached; OpenAI: 1,000 with 950 within. 1,000 each."""
    text = (
        "request_created_at,response_status,provider,model,prompt_tokens,completion_tokens,"
        "prompt_cache_read_tokens\n"
        "2026-11-03T09:15:22Z,200,ANTHROPIC,claude-sonnet-4-5,50,10,950\n"
        "2026-11-03T09:16:22Z,200,OPENAI,gpt-5-mini,1000,10,950\n"
        "2026-11-03T09:17:22Z,429,OPENAI,gpt-5-mini,0,0,0\n"
    )
    traffic = read(tmp_path, "log.csv", text)
    assert {traffic.input_tokens.p10, traffic.input_tokens.maximum} == {1000}
    assert central(traffic.cached_share) == pytest.approx(0.95)
    assert central(traffic.error_rate) == pytest.approx(1 / 3)


def test_a_gateway_s_own_log_gives_the_status(tmp_path: Path) -> None:
    llm = tmp_path / "llm.csv"
    llm.write_text(
        "TimeGenerated,CorrelationId,ModelName,PromptTokens,CompletionTokens,SequenceNumber\n"
        + "".join(f"2026-11-03T09:1{i}:00Z,c{i},gpt-5-mini,100,10,0\n" for i in range(4))
    )
    gateway = tmp_path / "gateway.csv"
    gateway.write_text(
        "TimeGenerated,CorrelationId,ResponseCode,IsRequestSuccess\n"
        + "".join(f"2026-11-03T09:1{i}:00Z,c{i},{code},x\n" for i, code in enumerate((200, 200, 200, 500)))
    )
    traffic = read_usage([str(llm), str(gateway)])
    assert traffic.requests == 3
    with pytest.raises(LogError, match="holds no tokens"):
        read_usage([str(gateway)])


def test_diagnostics_say_where_tokens_are(tmp_path: Path) -> None:
    text = "TimeGenerated,OperationName,DurationMs,ResultSignature\n2026-11-03,ChatCompletions,5,200\n"
    with pytest.raises(LogError, match="InputTokens"):
        read(tmp_path, "log.csv", text)


def test_a_report_without_requests_is_refused(tmp_path: Path) -> None:
    text = "usage_date_utc,model_version,usage_input_tokens_no_cache,usage_output_tokens\n2026-11-03,x,5,5\n"
    with pytest.raises(LogError, match="counts no requests"):
        read(tmp_path, "log.csv", text)
