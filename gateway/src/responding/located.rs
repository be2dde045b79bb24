//! The place of an error: between communities that is the community (ITI TF-2: 3.38.4.1.3, 3.39.4.1.3).

use super::Responding;
use renkei_xds::response::RegistryError;

impl Responding {
    /// The errors as this community tells them. Which object an error is about stays in its words.
    pub(super) fn located(&self, errors: Vec<RegistryError>) -> Vec<RegistryError> {
        errors.into_iter().map(|error| self.of_this_community(error)).collect()
    }

    fn of_this_community(&self, error: RegistryError) -> RegistryError {
        let RegistryError { mut context, location: place, .. } = error;
        if !place.is_empty() && !context.contains(&place) {
            context.push_str(&format!(" [{place}]"));
        }
        RegistryError { context, location: self.inner.home.to_string(), ..error }
    }
}
