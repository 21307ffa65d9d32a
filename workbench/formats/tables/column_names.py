"""What columns are called: names of fields as annotation vendors, public data sets and survey tools write them."""

from __future__ import annotations

import re

from workbench.dataset.foreign_words import in_english

_MODEL = r"(model|generator|system|source|policy|bot|engine|player|team)"
_UNIT = (
    r"(item|pair|comparison|example|question|unit|task|trial|sample|record|orig|doc|document|hit|row|data|instance|"
    r"pairwise|battle|match|stimulus|case|snippet|utterance|testidx|segment|data_row|response_u|request|run)"
)
NAMES: tuple[tuple[str, str, float], ...] = (
    (
        "gold",
        r"(gold|golden|ground_truth|true_label|truth|honeypot|benchmark|gold_(label|answer)|"
        r"(expected|target|correct|reference)(_label|_answer|_choice|_verdict)?)$",
        0.9,
    ),
    ("gold", r"^(?!is_|has_).*(gold|ground_truth|truth_label|honeypot|benchmark)", 0.7),
    (
        "annotation_id",
        r"(annotation|assignment|judge?ment|response|rating|label|attempt|vote|task_response)_?ids?$",
        0.9,
    ),
    ("annotator_kind", r"(annotator|rater|worker|judge)_(kind|type|role)$", 0.95),
    (
        "seconds",
        r".*(lead_time|time_spent|spent_time|time_string|work_?time|duration|seconds|elapsed|time_taken|latency|dwell|"
        r"reaction_time|response_time).*|(rt|key_resp_rt)(_ms|_s)?$",
        0.85,
    ),
    ("started_at", r".*(started|start_time|start_date|accept_?time|begin|opened_at).*|start$", 0.8),
    (
        "ended_at",
        r".*(submitted|submit_?time|completed_at|timestamp|tstamp|created_at|ended|end_time|end_date|finished|"
        r"labeled_at|annotated_at|updated_at|inserted_at|last_modified|completion_time).*|(end|date|time|when|ts)$",
        0.75,
    ),
    (
        "shown_first",
        r"(shown_first|first_shown|presented_(left|first)|left_is|a_is_left|a_first|"
        r"(is_|was_)?(swap|swapped|flip|flipped|reversed|exchanged?)|position_a|position_of_a|order)$",
        0.8,
    ),
    ("group", r"(prompt_id|group(_id)?|ranking_id|conversation_id|thread_id|dialog(ue)?_id|topic)$", 0.75),
    (
        "prompt",
        r"^(?!(?:.*_)?(?:n|num|number|count|per)_)(?:.*_)?(prompt|instruction|question|query|input|inputs|context|post|"
        r"opening_msg|source_text|history|full_text|user_(prompt|message))(_text|_body)?$",
        0.85,
    ),
    ("prompt", r"caption$", 0.6),
    ("item", rf"{_UNIT}_?(id|key|idx|uid|uuid|no|number|num|index|n)s?$|(item|trial|battle|task|unit|pair)s?$", 0.85),
    ("item", r"(global_key|external_id|item_key)$", 0.8),
    ("item", r"(stimulus|sample|segment|example|case|instance|snippet|object|doc|document|img|image|stim|clip)$", 0.7),
    ("item", r"^(id|idx|key|uid|uuid)$", 0.65),
    ("confidence", r".*(confidence|certainty).*", 0.8),
    ("reason", r"(reason|rationale|justification|comment|explanation|critique|reasoning|note|feedback_text)s?$", 0.8),
    ("batch", r"(batch|round|pool|project|campaign|wave|delivery)(_id|_name)?$", 0.75),
    (
        "annotator",
        r".*(worker|annotator|rater|labell?er|evaluator|completed_by|created_by|crowd_?worker|judge|prolific_pid|"
        r"assessor|grader|reviewer|listener|voter|coder|respondent).*",
        0.85,
    ),
    ("annotator", r".*participant.*private.*", 0.87),
    ("annotator", r".*participant.*(id|pid).*", 0.85),
    (
        "annotator",
        r"(user|person|email|expert|participant|subject|visitor|session|username|who|ann)"
        r"(_?id|_?name|_?pid|_?code|_?email|s)?$",
        0.65,
    ),
    ("annotator", r"^(?:(?:annotation|label|assessment|feedback|judge?ment|rating|vote)s?_)?source$", 0.65),
    (
        "label",
        r"(winner|choice|preference|preferred|selected|label|labels|verdict|vote|chosen_side|judge?ment|"
        r"overall_preference|annotation|pref|better|outcome|decision)$",
        0.9,
    ),
    (
        "label",
        r".*(winner|winning|choice|chosen|preference|preferred|prefers?|selected|label|verdict|vote|better|best|"
        r"decision|outcome|overall).*|(?:.*_)?wins?(?:_.*)?$",
        0.7,
    ),
    (
        "label",
        r".*(strength|likert|score|rating|margin|response|answer|accept|grade|comparison|result|quality|sentiment|"
        r"evaluation|value|code|thumb|pass|severity|relevance|points|slider).*",
        0.6,
    ),
)
ABOUT_PEOPLE = re.compile(
    r"(?:^|_)(?:age|age_group|gender|sex|education|country|nationality|ethnicity|race|religion|occupation|income|"
    r"birth_?(?:year|date|place)|native_language|mother_tongue)(?:_|$)"
)
"""Names of columns that describe the person who judged: never a judgement, nor what was judged."""
FIGURES = re.compile(
    r"_(?:rate|ratio|mean|avg|average|median|std|percent|pct|proportion|share|count|total|ci|ci_(?:low|high))$|"
    r"^(?:mean|avg|average|median|std|count|total|n|num|number)_|^(?:n|mean|median|count|total)$"
)
"""Names of columns that hold figures of many judgements: counts, shares, means."""
REPEATS = re.compile(
    r"(?:^|_)(?:runs?|rep|repeat\w*|repetitions?|replic\w*|seeds?|trials?|attempts?|iter(?:ation)?s?|order|position|"
    r"swap\w*|time\w*|date\w*|status|session|batch|phase|wave|day|week|pass)(?:_|\d|$)|"
    r"^(?:(?:sample|call|draw)_?)?(?:idx|index|no|number)$"
)
"""Names of columns that tell the judgements of one person on one item apart, as repeats of the same."""
TELLS_APART = re.compile(rf"{REPEATS.pattern}|(?:^|_)(?:turn|round|index|models?|judge\w*)(?:_|\d|$)")
"""Names of columns that tell judgements apart without being one."""
PART_OF_THE_THING = re.compile(
    r"(?:^|_)(?:models?|systems?|generator|engine|language|lang|locale|variant|version|condition|framing|treatment|setting|"
    r"criterion|criteria|dimension|aspect|metric|dataset|corpus)(?:_(?:id|name|type|code|idx))?$"
)
"""Names of columns with a part of what was judged: the same wherever one thing is spoken of."""
DERIVED = re.compile(r"(?:^|_)(?:consensus|majority|aggregated?|final|mode)(?:_|$)")
"""Names of columns that hold what was made of the judgements beside them."""
EXCHANGED = re.compile(r"(?:^|_)(?:is_|was_)?(?:swap|swapped|flip|flipped|reversed|exchanged?|order)$")
"""Names of columns that say in which rows the two sides were shown the other way round."""
WINNER = re.compile(
    r"^(winner|winning|won|chosen|preferred|selected|better)(_(model|id|response|text|item|name|song|system))?$|"
    r"^(model|response|item|id)_(winner|chosen|won)$"
)
LOSER = re.compile(
    r"^(loser|losing|lost|rejected|worse|unpreferred|dispreferred|not_chosen)(_(model|id|response|text|item|name))?$|"
    r"^(model|response|item|id)_(loser|rejected|lost)$"
)
SCORES = re.compile(r"score|rating|reward|votes|points|grade|elo|upvotes|likes|quality", re.I)
RANKS = re.compile(r"(?:^|_)(rank|place|position)(?:_|$)", re.I)
MODELS = re.compile(rf"(?:^|_){_MODEL}(?:_|\d|$)|(?:^|_)name(?:_|$)", re.I)
THINGS = re.compile(
    r"response|answer|output|completion|candidate|option|summary|text|reply|generation|arg|continuation|sentence|"
    r"translation|story|poem|human_ref|assistant|stim|file|image|img|clip|audio|video|body",
    re.I,
)
OWN_ID = re.compile(
    r"(?!annotation|assignment|judge?ment|response|rating|label|vote|row|record|log|session|event|request|entry|index)"
    r"[a-z0-9_]+_(?:id|idx|key|no|number|file|path|uri|url)"
)
"""Names of columns with the id of a thing that has a name of its own, as `product_id`."""
_WIDE = re.compile(
    r"(annotator|rater|worker|judge|coder|label|vote|rating|choice|preference|labell?er|evaluator|grader|expert|human)"
    r"_?\w?\d*(_(label|choice|vote|rating))?$"
)


_SAYS_WHAT = re.compile(
    r"_(?:labels?|scores?|ratings?|grades?|points|verdicts?|decisions?|choices?|answers?|responses?|preferences?|votes?|"
    r"judge?ments?|results?|outputs?|winner|pick|ranks?|ranking|reasons?|reasoning|rationales?|explanations?|comments?|"
    r"notes?|feedback|confidence|certainty|agreements?|correct|prompts?|texts?|raw|json|counts?|seconds|time|duration|"
    r"instructions?|template|temperature|tokens|cost|usage)$"
)
"""How a column is called that holds what somebody said, whoever is named before: the last word says what it is."""


def plain_name(column: str) -> str:
    """`Answer.workerId` as `answer_worker_id`, words of other languages in English.

    >>> plain_name("Answer.workerId"), plain_name("Réponse A"), plain_name("标注员")
    ('answer_worker_id', 'answer_a', 'annotator')
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", in_english(column))
    return re.sub(r"[^a-z0-9]+", "_", spaced.casefold()).strip("_")


def fields_named(column: str) -> dict[str, float]:
    """The fields a column can be by its name, each with how sure that is."""
    name = plain_name(column)
    found: dict[str, float] = {}
    for field, pattern, score in NAMES:
        whole = pattern if pattern.startswith((".*", "^")) else rf"(?:.*_)?(?:{pattern})"
        if re.match(whole, name):
            found[field] = max(found.get(field, 0.0), score)
    if "gold" in found:
        found.pop("label", None)
    if _SAYS_WHAT.search(name):
        found.pop("annotator", None)
    return found


def is_rater(column: str) -> bool:
    """Whether a column is called like one annotator's labels: `rater_2`, `Annotator B`.

    >>> is_rater("rater_2"), is_rater("Annotator B"), is_rater("rating")
    (True, True, False)
    """
    return _WIDE.search(plain_name(column)) is not None and re.search(r"\d|_[a-h](_|$)", plain_name(column)) is not None
