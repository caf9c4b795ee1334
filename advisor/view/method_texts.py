r"""What the method page says around its exhibits: Markdown with its equations, told in the language spoken.

An equation is the same in every language and no message; what stands between two dollar signs within a
sentence is, as it is part of the sentence.
"""

from __future__ import annotations

from collections.abc import Mapping

from advisor.core.errors import unknown
from advisor.core.saying import here, say

TITLE = say("How energy is estimated")
TIME = (
    r"$$t_{GPU} = \frac{\text{bytes}}{BW} + \tau_f\,\frac{\text{flops}}{F} + "
    r"\frac{n_{out}}{B}\,L\,N\log_2(N)\,\tau_N,\qquad "
    r"t_{host} = n_{out}N\left(\frac{L\,\tau_L}{B}+\tau_s\right)$$"
)
ENERGY = (
    r"$$t = s_t\sqrt{t_{GPU}^2 + t_{host}^2},\qquad E_{GPU} = \sigma\,P_{max}\,t + "
    r"\varepsilon_b\,\text{bytes} + \varepsilon_f\,\frac{P_{max}}{F}\,\text{flops}$$"
)
BYTES = (
    r"$$\frac{w}{B}\Bigl[P - P_x + P_x\bigl(1-(1-k/n)^B\bigr)\Bigr] + \kappa\,c + 2S,\qquad "
    r"c = n_{in} + n_{out}/2$$"
)
OPERATIONS = (
    r"$$2\,\Bigl(P_{act} + \frac{x-1}{1+m/m_t}\,P_x\,k/n\Bigr) + 4\,L\,d\,c,\qquad "
    r"d\approx\sqrt{P_{act}/12L}$$"
)
TRAINING = r"$$E = \frac{6\,P\,D}{a\,F}\,P_{GPU+host}\cdot PUE,\qquad a = a_0\,(P/10^9)^{g}$$"
WORDS: Mapping[str, tuple[str, ...]] = {
    "about": (
        say(
            "Everything the advice says rests on the energy of one request. This page shows the equations, "
            "every coefficient with its range, how the model meets measured reality, and where it fails. "
            "Nothing is computed here: the figures come from the data files, and `advisor evidence` lists "
            "their sources."
        ),
    ),
    "equations": (
        say("## The equations"),
        say(
            "A replica of a model runs on $N$ GPUs and serves $B$ requests at once. A request reads $n_{in}$ "
            "tokens, of which $n_{cached}$ were computed before, and writes $n_{out}$. What the GPUs do and "
            "what the host does overlap in part; a GPU draws a standing share of its power limit for as long "
            "as work lasts, and more for every byte and every operation:"
        ),
        TIME,
        ENERGY,
        say(
            r"$\tau_N$ and the host's times shrink by $s_h$ on a serving program of 2026; all time grows by "
            r"$s_t$ on one of 2024."
        ),
        say(
            "**Bytes** a generated token moves: the weights that its step reaches, shared by the batch, and "
            "the request's own context,"
        ),
        BYTES,
        say(
            r"with $w$ bytes a weight, $P_x$ of the $P$ parameters in experts of which $k$ of $n$ serve a "
            r"token, $\kappa$ bytes of key-value cache a token (layers with a sliding window see at most "
            r"that window) and $S$ bytes of recurrent state, read and written. With pipeline stages a batch "
            r"runs as that many smaller ones. Prefill reads all weights once in every 8,192 tokens."
        ),
        say(
            "**Operations** a token: two for every active weight, those in routed experts up to $x$ times, "
            "as each expert multiplies few rows $m$, half of that less where they fill a tile of $m_t$, and "
            "attention to its context,"
        ),
        OPERATIONS,
        say(r"with $m=B\,k/n$ while writing and $8192\,k/n$ while reading a prompt,"),
        say(
            "and, for 8-bit experts on serving programs of 2025, a tile of rows for each expert that a step "
            "reaches. $F$ is the 16-bit peak times what matrix products in the format were measured to gain: "
            "1.45 at 8 bit and 2.6 at 4 bit, on GPUs that compute in it. Prefill never costs less than the "
            "cheapest tenth of measured large products did."
        ),
        say(
            r"**At its power limit** a GPU slows its clock to the share $\varphi$ at which power fits: time "
            r"grows by $1/\varphi$, energy of the work falls by $\varphi^2$."
        ),
        say(r"**Memory** caps the batch: $B \le (u\,M N - wP)/(\kappa c + S)$."),
        say(
            "**Around the GPUs:** an idle GPU that holds a model draws its loaded idle power. The server "
            "adds fixed power for processors and network, fans that turn with the heat, and the loss of its "
            "supplies, by its class. PUE turns IT energy into energy at the meter."
        ),
        say(
            "Why this form: what is stalled costs its standing power, whatever stalls it; a byte costs the "
            "same on all fast memories; an operation costs in proportion to $P_{max}/F$. Those three carry "
            "over to GPUs and serving programs that were never fitted."
        ),
    ),
    "coefficients": (
        say("## Coefficients"),
        say(
            "Fitted by `advisor calibrate` on public measurements: each is drawn to what measured matrix "
            "products let expect (its prior), rows of one family count as partly one, and the ranges come "
            "from leaving one family out at a time. Draws use the covariance of their logarithms."
        ),
        say(
            "The last columns say what leaving a coefficient out of the model costs on families that were "
            "not fitted."
        ),
    ),
    "predicted": (
        say("## Predicted against measured"),
        say(
            "Every model family was left out in turn and predicted from the others; so was every GPU, below."
        ),
    ),
    "times": (
        say("## GPU time"),
        say("Predicted and measured, of the same runs and with the same families left out."),
    ),
    "part load": (
        say("## Part load"),
        say(
            "Power of replicas held at few requests a second, from traces that were not fitted, on the "
            "serving programs of then. A held replica draws idle power between busy spells, and while busy "
            "what its running batch draws; fleets and provisioned units follow the same queue."
        ),
    ),
    "runs": (say("## Measured runs of open models"),),
    "managed": (
        say("## Managed services"),
        say(
            "Providers publish neither model size, batch nor hardware. Their intervals are wide, and say so."
        ),
    ),
    "training": (
        say("## Training"),
        TRAINING,
        say(
            "with $D$ tokens and $a$ the share of peak that is reached, which grows with size. LoRA needs "
            "about 4 operations a parameter and token instead of 6; all runs of a project are a multiple of "
            "its final one."
        ),
    ),
    "second opinion": (
        say("## A second opinion"),
        say("EcoLogits' own estimate of the same request, from its package."),
    ),
    "failures": (
        say("## Where it fails"),
        say(
            "- **Mixtures of experts** are known from two families. Of experts in 8 bit, one program of late "
            "2025 computed whole tiles of rows for each that a step reached; whether another program does is "
            "not known beforehand."
        ),
        say(
            "- **GPUs other than H100 and B200** are reached by their data sheets, and their intervals are "
            "widened by what leaving one of the two out of the fit shows. No run on AMD, L40S, L4, A10, A30, "
            "T4 or B300 stands behind them."
        ),
        say(
            "- **Part load:** held replicas draw what is predicted within a tenth when idle and when busy. "
            "Large dense models on A100, and of 405B, climb to their busy power sooner than predicted: half "
            "way up they draw 1.2 to 1.7 times as much."
        ),
        say(
            "- **Attention spread by requests** over the GPUs of a replica (data-parallel) is not modelled: "
            "a published 480B mixture in 8 bit that was served so took two to seven times what is predicted."
        ),
        say(
            "- **Long prompts:** the fitted rows hold prompts of up to 7,400 tokens from one model, others "
            "of 1,000 at most, and contexts of up to 9,800. Beyond, attention is theory alone, and a warning "
            "travels with the number. The prompt lengths of the other fitted runs are themselves assumed."
        ),
        say(
            "- **Slow hosts:** some single-GPU B200 runs took five times the time of the same model "
            "elsewhere. They count by their size, not its square, in the fit; the model does not foresee "
            "them."
        ),
        say(
            "- **Serving programs** differ: one of 2024 took almost four times the GPU time of one of late "
            "2025, and one of 2026 keeps GPUs waiting less than half as long. A program that nobody names is "
            "taken as of late 2025 in measurements, as of 2026 in plans."
        ),
        say("- **Speculative decoding, images, audio and video** are not modelled."),
        say(
            "To make it yours: `advisor validate` predicts your own measurements, `advisor calibrate` fits "
            "the coefficients to them."
        ),
    ),
}


class Markdown(str):
    """Markdown that a notebook shows with its equations set."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return str(self)


def words(name: str) -> Markdown:
    """What the method page says of a subject. Raises UnknownNameError."""
    if name not in WORDS:
        raise unknown(say("subject"), name, WORDS)
    return Markdown("\n\n".join(map(here, WORDS[name])))
