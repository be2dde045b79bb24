//! What the rows are called: UUIDs of version 7, so that they lie in the order in which they came, and
//! each a type of its own, so that nothing takes one for another. They never leave the house.

use renkei_database::uuid_column;

uuid_column! {
    /// A content: the row, the chunks, and what each sealed chunk is bound to.
    pub(crate) struct ContentId;
}

uuid_column! {
    /// A submission that is not settled.
    pub(crate) struct SubmissionId;
}

uuid_column! {
    /// A process that shares the database.
    pub(crate) struct LeaseId;
}

uuid_column! {
    /// A segment: a file of the home beside the database.
    pub(crate) struct SegmentId;
}

impl SegmentId {
    /// The name of the file.
    pub(crate) fn file_name(&self) -> String {
        self.0.simple().to_string()
    }
}
