-- Somebody may know of every version of a document by the labels of its newest, and of a SubmissionSet by the
-- audiences of what it brought, as they are now: what was corrected before is brought up to that. A value that
-- stands twice among framed ones is read as one. The table is read once, however long that takes.
SET LOCAL statement_timeout = 0;

UPDATE document_entry SET (author_institution, audience) = (
    SELECT newest.author_institution, newest.audience FROM document_entry newest
    WHERE newest.lid = document_entry.lid ORDER BY newest.version DESC LIMIT 1
) WHERE latest = 0;

UPDATE submission_set SET audience = (
    SELECT replace(string_agg(brought.audience, ''), chr(10) || chr(10), chr(10)) FROM (
        SELECT DISTINCT e.audience FROM association m
        JOIN document_entry e ON e.patient_key = m.target_patient AND e.key = m.target_key
        WHERE m.source_key = submission_set.key AND m.association_type = 0 AND m.set_status = 0
    ) brought
) WHERE (patient_key, key) IN (
    SELECT m.source_patient, m.source_key FROM document_entry e
    JOIN association m ON m.target_key = e.key AND m.association_type = 0
    WHERE e.latest = 0 AND m.set_status = 0 AND m.source_kind = 1
);
