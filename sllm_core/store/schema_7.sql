-- Version 7: what a summary should have told, in the words of a human.
ALTER TABLE feedback ADD COLUMN text TEXT NOT NULL DEFAULT '';
