//! Folders in answers.

use super::rows::{Member, put_folder, put_member};
use super::searching::{asking, by_uuid, find, kinds, named, of_patients};
use super::world::{World, code, dtm, entry, patient, submission, with_uuid};
use renkei_context::{Labels, Scope};
use renkei_metadata::ids::{EntryUuid, ObjectId};
use renkei_metadata::model::{ObjectKind, RegistryObject};
use renkei_xds::catalogue::{CodeAttribute, CodeKey, Condition, OneOf};
use std::collections::BTreeSet;
use uuid::Uuid;

const ENTRY: ObjectKind = ObjectKind::DocumentEntry;
const SET: ObjectKind = ObjectKind::SubmissionSet;
const FOLDER: ObjectKind = ObjectKind::Folder;

#[tokio::test]
async fn folders_come_with_what_is_in_them() {
    for w in World::each() {
        let p = patient("1");
        let ((mut a, a_id), (b, _)) = (with_uuid(entry(&p)), with_uuid(entry(&p)));
        a.format_code = Some(code("special"));
        let mut s = submission(&p, vec![a, b]);
        let set = EntryUuid(Uuid::new_v4());
        s.submission_set.id = ObjectId::Uuid(set);
        for member in &mut s.associations {
            member.source = ObjectId::Uuid(set);
        }
        w.accept(s).await;
        let folder = put_folder(&w, &p, |_| {}).await;
        put_member(&w, Member::of(set, folder)).await;
        let filed = put_member(&w, Member::of(folder, a_id)).await;
        put_member(&w, Member::of(set, filed)).await;

        let contents = named("GetSubmissionSetAndContents");
        let all = asking(contents, by_uuid(&[SET], [set]), []);
        let found = find(&w, &all, &Scope::Everything).await;
        assert_eq!(kinds(&found), [1, 2, 1, 5]);
        let shown = found.iter().find_map(|o| match o {
            RegistryObject::Folder(f) => Some(f),
            _ => None,
        });
        let shown = shown.unwrap();
        assert_eq!(shown.last_update_time, Some(dtm("20260402030405")));
        assert_eq!((shown.version, shown.patient_id.as_ref()), (Some(3), Some(&p)));

        // Both ends of an association are returned, or it is not.
        let plain = OneOf::only(CodeKey::parse("format^^1.2.3").unwrap());
        let plain = Condition::Code(CodeAttribute::Format, plain.into());
        let some = asking(contents, by_uuid(&[SET], [set]), [(ENTRY, plain)]);
        assert_eq!(kinds(&find(&w, &some, &Scope::Everything).await), [1, 1, 1, 2]);

        let of_folder = asking(named("GetFolderAndContents"), by_uuid(&[FOLDER], [folder]), []);
        assert_eq!(kinds(&find(&w, &of_folder, &Scope::Everything).await), [0, 1, 1, 1]);
        let holders = asking(named("GetFoldersForDocument"), by_uuid(&[ENTRY], [a_id]), []);
        assert_eq!(kinds(&find(&w, &holders, &Scope::Everything).await), [0, 0, 1, 0]);

        // A folder is known to whoever may know of a document in it.
        let everything = asking(named("GetAll"), of_patients([&p]), []);
        let recipient = |text: &str| {
            let recipients = BTreeSet::from([text.to_owned()]);
            Scope::of_openings([Labels { recipients, ..Labels::default() }])
        };
        let of_recipient = find(&w, &everything, &recipient("1.2.3.77")).await;
        assert_eq!(kinds(&of_recipient), [1, 2, 1, 5]);
        for query in [&everything, &all, &of_folder, &holders] {
            assert_eq!(kinds(&find(&w, query, &recipient("1.2.3.78")).await), [0; 4]);
        }
    }
}
