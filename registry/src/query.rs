//! Registry Stored Query (ITI TF-2: 3.18): one search, then its rows as XML in small pieces.

use crate::store;
use crate::store::search::{Cursor, NotSearchable, Page, Row, Search, SearchError};
use crate::store::vault::VaultError;
use crate::{Inner, Registry, failure, rules};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use renkei_atna::sink::NotRecorded;
use renkei_context::Ctx;
use renkei_metadata::ebrim;
use renkei_metadata::finding::{Finding, Reporter};
use renkei_metadata::fragment::Holes;
use renkei_metadata::ids::{EntryUuid, HomeCommunityId, ObjectId, PatientId};
use renkei_metadata::model::{ObjectKind, RegistryObject};
use renkei_soap::xml::Writer;
use renkei_xds::catalogue::{self, StoredQuery};
use renkei_xds::iti18::{AdhocQuery, ReturnType};
use renkei_xds::response::{RegistryError, RegistryResponse, Status};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

/// A piece of an answer is sent when it has reached this size.
const PIECE: usize = 64 * 1024;

/// The answer broke off: what was sent must not be taken for the whole. Close the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer could not be completed")]
pub struct AnswerBroken;

/// The answer to a query.
pub struct QueryAnswer {
    /// How it ended.
    pub status: Status,
    /// Errors and warnings.
    pub errors: Vec<RegistryError>,
    /// The content of rim:RegistryObjectList in pieces; the prefix `rim` is declared around it.
    pub body: BoxStream<'static, Result<Bytes, AnswerBroken>>,
}

impl Registry {
    /// Answers a stored query (ITI-18). The audit record is durable when this returns.
    ///
    /// An unknown patient has no documents: Success and an empty list.
    pub async fn query(&self, ctx: &Ctx, query: &AdhocQuery) -> QueryAnswer {
        let checked = catalogue::parse_within(query, self.inner.limits.query_values);
        let patient = checked.value.as_ref().and_then(|q| q.patient.clone());
        let result = match checked.accept() {
            Ok((stored, warnings)) => match self.search(ctx, &stored).await {
                Ok(body) => Ok((body, warnings)),
                Err(finding) => Err([warnings, vec![*finding]].concat()),
            },
            Err(findings) => Err(findings),
        };
        let findings = match &result {
            Ok((_, findings)) | Err(findings) => findings,
        };
        let record = self.query_record(ctx, query, patient.as_ref(), findings);
        if let Err(error) = self.inner.sink.record(record).await {
            // What is not on record is not shown.
            tracing::error!(%error, "the audit record of a query was not kept");
            if matches!(error, NotRecorded::TooLong(_)) {
                let refusal = [Finding::new(&rules::INTERNAL, "AdhocQuery")];
                self.record(self.query_record(ctx, &without_text(), None, &refusal)).await;
            }
            return refused(&[Finding::new(&rules::INTERNAL, "AdhocQuery")]);
        }
        match result {
            Ok((body, warnings)) => {
                let response = RegistryResponse::success(&warnings, Reporter::Registry);
                QueryAnswer { status: response.status, errors: response.errors, body }
            }
            Err(findings) => refused(&findings),
        }
    }

    async fn search(
        &self,
        ctx: &Ctx,
        query: &StoredQuery,
    ) -> Result<BoxStream<'static, Result<Bytes, AnswerBroken>>, Box<Finding>> {
        if ctx.remaining().is_zero() {
            return Err(Box::new(Finding::new(&rules::BUSY, query.def.name)));
        }
        let inner = Arc::clone(&self.inner);
        let leaf = query.return_type == ReturnType::LeafClass;
        let patient = query.patient.as_ref().map(|cx| inner.vault.hash(cx));
        let search = Search::new(query, patient, inner.database.dialect());
        let search = search.map(Arc::new).map_err(|NotSearchable(attribute)| {
            Finding::new(&rules::CONDITION_NOT_OFFERED, query.def.name).attribute(attribute.name())
        })?;
        let failed = |e: &SearchError| Box::new(failure::of_search(e, query.def.name));

        let page = inner.page(&search, Cursor::default(), leaf).await.map_err(|e| failed(&e))?;
        let mut tally = Tally::default();
        tally.add(&page);
        let (rows, next) = (page.rows.into(), page.next);
        let mut reader = Reader { inner, search, leaf, rows, next, patient: None };
        if leaf {
            reader.count_ahead(&mut tally).await.map_err(|e| failed(&e))?;
        }
        tally.verdict(query, reader.inner.limits.query_results)?;
        // The first piece is made before anything is sent, so that its failure is still an answer.
        let first = reader.piece().await.map_err(|e| failed(&e))?;
        let rest = stream::unfold(reader, |mut reader| async move {
            match reader.piece().await {
                Ok(Some(bytes)) => Some((Ok(bytes), reader)),
                Ok(None) => None,
                Err(error) => {
                    tracing::error!(%error, "the answer to a query broke off");
                    Some((Err(AnswerBroken), reader.ended()))
                }
            }
        });
        Ok(stream::iter(first.map(Ok)).chain(rest).boxed())
    }
}

/// What the record of a query says that is too long to be recorded.
fn without_text() -> AdhocQuery {
    AdhocQuery { id: String::new(), return_type: String::new(), home: None, params: Vec::new() }
}

fn refused(findings: &[Finding]) -> QueryAnswer {
    let response = RegistryResponse::failure(findings, Reporter::Registry);
    QueryAnswer { status: response.status, errors: response.errors, body: stream::empty().boxed() }
}

impl Inner {
    async fn page(
        self: &Arc<Self>,
        search: &Arc<Search>,
        cursor: Cursor,
        leaf: bool,
    ) -> Result<Page, SearchError> {
        let (inner, search) = (Arc::clone(self), Arc::clone(search));
        let limit = self.limits.query_page.max(1);
        let read =
            move |db: &mut renkei_database::Db| search.page(db, &inner.vault, &cursor, limit, leaf);
        self.database.read(read).await
    }
}

/// How many objects there are, and of how many patients.
#[derive(Default)]
struct Tally {
    rows: usize,
    patients: HashSet<i64>,
}

impl Tally {
    fn add(&mut self, page: &Page) {
        self.rows = self.rows.saturating_add(page.rows.len());
        for (_, row) in &page.rows {
            // Two are as many as anybody asks for.
            if self.patients.len() < 2 {
                self.patients.insert(row.root);
            }
        }
    }

    fn verdict(&self, query: &StoredQuery, limit: usize) -> Result<(), Box<Finding>> {
        let leaf = query.return_type == ReturnType::LeafClass;
        if query.def.single_patient && leaf && self.patients.len() > 1 {
            return Err(Box::new(Finding::new(&rules::NOT_SINGLE_PATIENT, query.def.name)));
        }
        // References are how a consumer pages through much (ITI TF-2: 3.18.4.1.2.6).
        if leaf && self.rows > limit {
            let finding = Finding::new(&rules::TOO_MANY_RESULTS, query.def.name)
                .attribute("limits.query_results")
                .expected(format!("at most {limit} results"), format!("{limit}件以内の結果"));
            return Err(Box::new(finding));
        }
        Ok(())
    }
}

/// Reads on while the peer takes what it gets.
struct Reader {
    inner: Arc<Inner>,
    search: Arc<Search>,
    leaf: bool,
    rows: VecDeque<(ObjectKind, Row)>,
    next: Option<Cursor>,
    /// The patient of the last row: rows of one patient follow each other.
    patient: Option<(i64, PatientId)>,
}

impl Reader {
    /// Counts what comes after the first page without reading fragments: nothing may be sent before
    /// it is known that all of it may be.
    async fn count_ahead(&self, tally: &mut Tally) -> Result<(), SearchError> {
        let mut next = self.next.clone();
        while let Some(cursor) = next
            && tally.rows <= self.inner.limits.query_results
        {
            let page = self.inner.page(&self.search, cursor, false).await?;
            tally.add(&page);
            next = page.next;
        }
        Ok(())
    }

    /// The next piece of XML; `None` at the end.
    async fn piece(&mut self) -> Result<Option<Bytes>, SearchError> {
        let mut out = String::new();
        loop {
            while let Some((kind, row)) = self.rows.pop_front() {
                self.write(kind, &row, &mut out)?;
                if out.len() >= PIECE {
                    return Ok(Some(Bytes::from(out)));
                }
            }
            match self.next.take() {
                Some(cursor) => {
                    let page = self.inner.page(&self.search, cursor, self.leaf).await?;
                    self.rows = page.rows.into();
                    self.next = page.next;
                }
                None if out.is_empty() => return Ok(None),
                None => return Ok(Some(Bytes::from(out))),
            }
        }
    }

    /// This reader with nothing left to read.
    fn ended(mut self) -> Self {
        self.rows.clear();
        self.next = None;
        self
    }

    fn write(&mut self, kind: ObjectKind, row: &Row, out: &mut String) -> Result<(), VaultError> {
        let id = EntryUuid(row.id.0);
        let home = match &row.home {
            Some(text) => Some(HomeCommunityId::parse(text).map_err(|_| VaultError::Content)?),
            None => self.inner.home.clone(),
        };
        let Some(sealed) = &row.fragment else {
            let mut w = Writer::new();
            ebrim::write_object(&mut w, &RegistryObject::Ref(ObjectId::Uuid(id), home));
            out.push_str(&w.finish());
            return Ok(());
        };
        let fragment = self.inner.vault.open_fragment(kind, row.key, sealed)?;
        let patient_id = match kind {
            ObjectKind::Association => None,
            ObjectKind::DocumentEntry | ObjectKind::SubmissionSet | ObjectKind::Folder => {
                Some(self.patient(row)?)
            }
        };
        let holes = Holes {
            status: store::status_of(row.status),
            home: home.as_ref(),
            lid: EntryUuid(row.lid.0),
            version: u32::try_from(row.version).map_err(|_| VaultError::Content)?,
            patient_id,
            last_update_time: None,
            availability: store::availability_of(row.availability),
        };
        fragment.fill(&holes, out);
        Ok(())
    }

    /// The surviving patient id, which objects show after a merge (ITI TF-2: 3.18.4.1.2.3.9).
    fn patient(&mut self, row: &Row) -> Result<&PatientId, VaultError> {
        let known = self.patient.take().filter(|(root, _)| *root == row.root);
        let cx = match known {
            Some((_, cx)) => cx,
            None => self.inner.vault.open_cx(&row.cx_hash, &row.cx)?,
        };
        Ok(&self.patient.insert((row.root, cx)).1)
    }
}
