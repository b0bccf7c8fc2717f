"""The door out: telling merchants that orders are paid. ``outbox`` writes, ``delivery`` sends."""
