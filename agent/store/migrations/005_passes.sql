-- Wrong PINs that stand in an own entry (pin_tried), until the centre's count includes it. wrong 0: a right
-- one came, or a manager unlocked, so what the centre counted before is void. pin_tries.wrong is what no
-- entry tells yet.
CREATE TABLE pin_told (
    pass TEXT NOT NULL, seq INTEGER NOT NULL, wrong INTEGER NOT NULL, PRIMARY KEY (pass, seq)) STRICT, WITHOUT ROWID;
