//! What has to be there: ITI TF-3: Table 4.3.1-3, a cell in each row of an object's table. Another
//! kind of sender is another column.

use super::{ATTRIBUTE_MISSING, ATTRIBUTE_PROHIBITED, Column, Report};
use crate::ebrim::table::{Need, Object};

/// Checks an object.
pub(super) fn check<T: Object>(object: &T, column: Column, report: &mut Report<'_>) {
    for row in T::rows() {
        let [xds_ds, xds_dr, xds_od] = row.needs;
        let need = match column {
            Column::XdsDs => xds_ds,
            Column::XdsDr => xds_dr,
            Column::XdsOd => xds_od,
        };
        let rule = match (need, (row.present)(object)) {
            (Need::Required, false) => &ATTRIBUTE_MISSING,
            (Need::Prohibited, true) => &ATTRIBUTE_PROHIBITED,
            (Need::Required, true)
            | (Need::Prohibited, false)
            | (Need::IfKnown | Need::Optional, _) => continue,
        };
        report.about(object, rule, row.attribute, |f| f);
    }
}
