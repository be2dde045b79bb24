//! The whole system, driven over the network.
