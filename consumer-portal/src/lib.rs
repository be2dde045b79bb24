//! Document Consumer: query, retrieve, results over the years.
