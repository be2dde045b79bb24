DROP INDEX document_entry_registered;
