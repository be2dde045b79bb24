//! Who persons are in other communities (ITI TF-2: 3.55.4.2.3.1).
