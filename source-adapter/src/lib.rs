//! Document Source: reads a checkup export, converts, checks, submits.
