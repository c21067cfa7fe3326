-- Of a pass, and no venue's business: whom it was issued for, and its own custom fields over those that the plan
-- gives it (a canonical document of texts).
ALTER TABLE pass_secret ADD COLUMN contact TEXT;
ALTER TABLE pass_secret ADD COLUMN fields BLOB;
