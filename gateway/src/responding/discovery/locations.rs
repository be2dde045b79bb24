//! Patient Location Query (ITI-56; XCPD supplement, Health Data Locator option): which communities hold data of
//! a person who is known here.

use super::{Discovery, Untold, told};
use crate::responding::doors::in_time;
use renkei_context::Ctx;
use renkei_hl7v3::iti55::Locator;
use renkei_hl7v3::iti56::Location;
use renkei_hl7v3::{Rule, limits};
use renkei_metadata::ids::PatientId;
use renkei_person::Identifier;

impl Discovery {
    /// Where the person is known whom this community calls `requested`, as it told by ITI-55: here first, then
    /// where others told that they know them.
    ///
    /// # Errors
    /// The row for which nothing is told.
    pub async fn locate(
        &self,
        ctx: &Ctx,
        requested: &Identifier,
    ) -> Result<Vec<Location>, &'static Rule> {
        match self.locator {
            Locator::SupportsHealthDataLocator => {}
            Locator::NotHealthDataLocator => return Err(&told::NO_LOCATIONS),
        }
        let found = in_time(ctx, self.persons.locate(ctx, &requested.id)).await.map_err(|error| {
            tracing::error!(request = %ctx.request_id, %error, "where a person is known cannot be told");
            match error {
                Untold::Busy(_) => &told::BUSY,
                Untold::Failed(_) => &told::UNLOCATED,
            }
        })?;
        let known = found.ok_or(&told::NOT_LOCATED)?;
        let location = |(home, patient): (_, PatientId)| Location {
            home,
            patient: patient.into(),
            requested: requested.clone(),
        };
        let here = (self.home.clone(), known.here);
        let all = std::iter::once(here).chain(known.elsewhere);
        Ok(all.map(location).take(limits::CANDIDATES).collect())
    }
}
