//! ATNA audit records (ITI-20, DICOM PS3.15 A.5).
