"""The tables of the label store. Judgements and events are only ever added; everything else says how things stand now.

Times are whole milliseconds since 1970 in UTC, so that SQLite and PostgreSQL hold the same numbers.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

metadata = MetaData()

batch = Table(
    "batch",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),  # open, paused, closed
    Column("secret", String(64), nullable=False),  # decides sides and order; never leaves the store
    Column("guideline_version", Integer, nullable=False),
    Column("config", JSON, nullable=False),
)

guideline = Table(
    "guideline",
    metadata,
    Column("batch", String(32), ForeignKey("batch.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

item = Table(
    "item",
    metadata,
    Column("id", String(32), primary_key=True),  # opaque: says nothing about gold, order or source
    Column("batch", String(32), ForeignKey("batch.id"), nullable=False),
    Column("source_id", Text, nullable=False),
    Column("role", String(8), nullable=False),  # regular, gold, check
    Column("prompt", Text, nullable=False),
    Column("response_a", Text, nullable=False),
    Column("response_b", Text, nullable=False),
    Column("known", String(32)),  # the right label of gold and checks
    Column("extra", JSON, nullable=False),  # models, group and slices, for the export
    Column("want", Integer, nullable=False),
    Column("held", Integer, nullable=False),  # handed out and not given back
    Column("done", Integer, nullable=False),
    Column("wanting", Boolean, nullable=False, server_default=true()),  # held < want, so that an index finds it
    Column("priority", Float, nullable=False),
    Column("place", BigInteger, nullable=False),  # order in the batch, drawn at random
    Index("item_wanting", "batch", "role", "wanting", text("priority DESC"), "place"),  # the order of handing out
)

annotator = Table(
    "annotator",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("batch", String(32), ForeignKey("batch.id"), nullable=False),
    Column("name", String(200), nullable=False),  # what the lead calls this person
    Column("kind", String(8), nullable=False),  # human or expert
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("external_hash", String(64)),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("state", String(16), nullable=False),  # new, trusted, watched, paused
    Column("state_reason", Text, nullable=False),
    Column("state_by", String(8), nullable=False),  # test or lead
    Column("handed", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("acknowledged", Integer, nullable=False),  # guideline version this person has read
    Index("annotator_batch", "batch"),
    UniqueConstraint("batch", "external_hash", name="annotator_external"),
)

lease = Table(
    "lease",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("batch", String(32), ForeignKey("batch.id"), nullable=False),
    Column("item", String(32), ForeignKey("item.id"), nullable=False),
    Column("annotator", String(32), ForeignKey("annotator.id"), nullable=False),
    Column("round", Integer, nullable=False),  # 0 = first time, 1 = the planned repeat
    Column("place", Integer, nullable=False),  # the annotator's n-th task
    Column("shown_first", String(1), nullable=False),  # a or b stands left
    Column("handed_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("state", String(8), nullable=False),  # open, done, again (an undo), expired
    UniqueConstraint("item", "annotator", "round", name="lease_once"),
    UniqueConstraint("annotator", "place", name="lease_place"),
    Index("lease_open", "state", "expires_at"),
    Index("lease_annotator", "annotator", "state"),
)

judgement = Table(
    "judgement",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),  # made by the annotator's browser
    Column("batch", String(32), ForeignKey("batch.id"), nullable=False),
    Column("item", String(32), ForeignKey("item.id"), nullable=False),
    Column("annotator", String(32), ForeignKey("annotator.id"), nullable=False),
    Column("lease", String(36), ForeignKey("lease.id"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("choice", String(8), nullable=False),  # as shown: left>> ... right>>, skip
    Column("label", String(8)),  # towards A and B of the item; null for a skip
    Column("shown_first", String(1), nullable=False),
    Column("active_ms", BigInteger),
    Column("hidden_ms", BigInteger),
    Column("shown_at", BigInteger),
    Column("first_key_at", BigInteger),
    Column("submitted_at", BigInteger),
    Column("handed_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("guideline_version", Integer, nullable=False),
    Column("supersedes", String(36)),
    Column("late", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("dims", JSON, nullable=False),
    Column("extra", JSON, nullable=False),  # scrolled to the end, flagged, window size
    Index("judgement_item", "item"),
    Index("judgement_annotator", "annotator"),
    Index("judgement_lease", "lease"),
)

verdict = Table(
    "verdict",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("batch", String(32), ForeignKey("batch.id"), nullable=False),
    Column("item", String(32), ForeignKey("item.id"), nullable=False),
    Column("decision", String(16), nullable=False),  # label, gold wrong, ambiguous, relabel
    Column("label", String(8)),
    Column("rationale", Text, nullable=False),
    Column("expert", String(200), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("verdict_item", "item"),
)

triage = Table(
    "triage",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("source", String(64), nullable=False),  # a data set by its key, or a batch by its id
    Column("item", Text, nullable=False),  # its id there
    Column("decision", String(16), nullable=False),  # gold wrong, ambiguous, relabel, none (taken back)
    Column("note", Text, nullable=False),
    Column("by", String(200), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("triage_source", "source"),
)

event = Table(
    "event",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("batch", String(32)),
    Column("annotator", String(32)),
    Column("kind", String(40), nullable=False),
    Column("detail", JSON, nullable=False),  # numbers and names of states; never a text
)
