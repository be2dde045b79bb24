//! HL7 v2 patient feed (ITI-8) and MLLP framing.
