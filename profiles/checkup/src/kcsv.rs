//! The standard CSV: UTF-8 without BOM, CRLF, quotes only where RFC 4180 needs them, one header
//! row, for every item its value and — where the table says so — the source cell beside it. Items of
//! an institution's own stand behind those of the profile, so that whoever reads the profile finds its
//! columns unchanged.

use std::io::{self, Read, Write};
use std::sync::LazyLock;

use crate::hash::{RunningHash, Sha256Hex};
use crate::own;
use crate::record::{Field, Foreign, Record};
use crate::tables::{Column, tables};

/// Identity of the profile, written in the first column of every record.
pub const PROFILE: &str = "kcsv/1.0.0";
/// Ends the id of the column that holds the source cell.
pub const ORIGINAL_SUFFIX: &str = "__orig";
/// The line end of the file.
pub const LINE_END: &str = "\r\n";

/// The header row without its line end.
pub fn header() -> &'static str {
    static HEADER: LazyLock<String> = LazyLock::new(|| {
        let mut line = String::new();
        for column in tables().columns() {
            let separator = if line.is_empty() { "" } else { "," };
            line.push_str(separator);
            line.push_str(&column.id);
            if column.pair {
                line.push(',');
                line.push_str(&column.id);
                line.push_str(ORIGINAL_SUFFIX);
            }
        }
        line
    });
    &HEADER
}

/// The header row of a file whose records have these items of an institution's own.
pub fn header_of<'a>(own: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = header().to_owned();
    for id in own {
        for part in [",", id, ",", id, ORIGINAL_SUFFIX] {
            line.push_str(part);
        }
    }
    line
}

/// Appends the record as one line, without its line end.
pub fn write_line(record: &Record, line: &mut String) {
    write_fields(record, true, line);
    for (_, field) in record.own() {
        for value in [&field.value, &field.original] {
            line.push(',');
            write_field(value, line);
        }
    }
}

/// The items of the profile as [`write_line`] has them, with the field `record_no` empty.
pub(crate) fn write_line_without_number(record: &Record, line: &mut String) {
    write_fields(record, false, line);
}

fn write_fields(record: &Record, numbered: bool, line: &mut String) {
    let start = line.len();
    // most records need no quotes: only the line as a whole is looked at
    let commas = join_fields(record, numbered, line, |value, line| line.push_str(value));
    let plain = line.as_bytes().get(start..).unwrap_or_default();
    let needs_quotes = memchr::memchr3(b'"', b'\r', b'\n', plain).is_some();
    if needs_quotes || memchr::memchr_iter(b',', plain).count() != commas {
        line.truncate(start);
        join_fields(record, numbered, line, write_field);
    }
}

/// Appends all fields with commas between them; how many commas.
fn join_fields(
    record: &Record,
    numbered: bool,
    line: &mut String,
    write: impl Fn(&str, &mut String),
) -> usize {
    let mut commas = 0;
    for (position, (field, layout)) in record.fields().iter().zip(Layout::all()).enumerate() {
        if position > 0 {
            line.push(',');
            commas += 1;
        }
        if numbered || !layout.is_number {
            write(&field.value, line);
        }
        if layout.pair {
            line.push(',');
            commas += 1;
            write(&field.original, line);
        }
    }
    commas
}

/// What the columns of an item are: the little of the table that every line needs.
struct Layout {
    pair: bool,
    is_number: bool,
}

impl Layout {
    fn all() -> &'static [Self] {
        static ALL: LazyLock<Vec<Layout>> = LazyLock::new(|| {
            let layout =
                |column: &Column| Layout { pair: column.pair, is_number: column.id == "record_no" };
            tables().columns().iter().map(layout).collect()
        });
        &ALL
    }
}

fn write_field(value: &str, line: &mut String) {
    if !value.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
        line.push_str(value);
        return;
    }
    line.push('"');
    for (index, part) in value.split('"').enumerate() {
        if index > 0 {
            line.push_str("\"\"");
        }
        line.push_str(part);
    }
    line.push('"');
}

/// A complete file with this one record: header row and record, each with its line end.
pub fn document(record: &Record) -> String {
    let mut text = header_of(record.own().map(|(id, _)| id));
    text.push_str(LINE_END);
    write_line(record, &mut text);
    text.push_str(LINE_END);
    text
}

/// The hash of a record: over its line as written in the file, without the line end.
pub fn record_hash(line: &str) -> Sha256Hex {
    Sha256Hex::of(line.as_bytes())
}

/// Writes a file record by record and hashes it on the way.
pub struct Writer<W: Write> {
    out: W,
    hash: RunningHash,
}

impl<W: Write> Writer<W> {
    /// Starts a file with the header row; `own` are the items of the institution's own that its
    /// records have.
    pub fn new(out: W, own: &[&Column]) -> io::Result<Self> {
        let mut writer = Self { out, hash: RunningHash::default() };
        writer.line(&header_of(own.iter().map(|column| column.id.as_str())))?;
        Ok(writer)
    }

    /// Writes one line made by [`write_line`].
    pub fn line(&mut self, line: &str) -> io::Result<()> {
        for part in [line, LINE_END] {
            self.out.write_all(part.as_bytes())?;
            self.hash.update(part.as_bytes());
        }
        Ok(())
    }

    /// Flushes; the hash over all bytes of the file.
    pub fn finish(mut self) -> io::Result<Sha256Hex> {
        self.out.flush()?;
        Ok(self.hash.finish())
    }
}

/// Why a standard CSV cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The CSV itself is broken, or is not UTF-8.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// The header row is not that of the profile.
    #[error("the header row is not that of {PROFILE}: column {column} should be {expected:?}")]
    Header {
        /// 1-based column.
        column: usize,
        /// The id that belongs there; empty behind the last one.
        expected: String,
    },
    /// A record states another profile version.
    #[error("record {record}: profile {found:?} is not {PROFILE}")]
    Profile {
        /// 1-based record in the file.
        record: u64,
        /// What stands in column 1.
        found: String,
    },
}

/// Reads a standard CSV record by record. Items of an institution's own come as
/// [`Foreign`](crate::Foreign): no mapping has declared them here.
pub struct Reader<R: Read> {
    csv: csv::Reader<R>,
    row: csv::StringRecord,
    own: Vec<String>,
    count: u64,
}

impl<R: Read> Reader<R> {
    /// Opens a file and checks its header row.
    pub fn new(input: R) -> Result<Self, ReadError> {
        let mut csv = csv::Reader::from_reader(input);
        let found = csv.headers()?;
        for (place, expected) in header().split(',').enumerate() {
            if found.get(place) != Some(expected) {
                return Err(header_error(place, expected));
            }
        }
        let own = own_items(found)?;
        Ok(Self { csv, row: csv::StringRecord::new(), own, count: 0 })
    }

    /// The next record; `None` at the end of the file.
    pub fn next_record(&mut self) -> Result<Option<Record>, ReadError> {
        if !self.csv.read_record(&mut self.row)? {
            return Ok(None);
        }
        self.count += 1;
        let mut record = Record::new();
        let mut fields = self.row.iter();
        let mut next = || fields.next().unwrap_or_default();
        for column in tables().columns() {
            record.set(column, next());
            if column.pair {
                record.set_original(column, next());
            }
        }
        for id in &self.own {
            let field = Field { value: next().to_owned(), original: next().to_owned() };
            record.foreign.push(Foreign { id: id.clone(), field });
        }
        if record.get("profile_ver") != PROFILE {
            let found = record.get("profile_ver").to_owned();
            return Err(ReadError::Profile { record: self.count, found });
        }
        Ok(Some(record))
    }
}

/// The headers of the items behind those of the profile, each with its source cell.
fn own_items(header: &csv::StringRecord) -> Result<Vec<String>, ReadError> {
    let first = self::header().split(',').count();
    let mut own: Vec<String> = Vec::new();
    let mut known = hashbrown::HashSet::new();
    let mut titles = header.iter().enumerate().skip(first);
    while let Some((place, id)) = titles.next() {
        let is_own = own::code(id).is_some() && known.insert(id);
        if !is_own || own.len() >= own::MOST_A_MAPPING {
            return Err(header_error(place, ""));
        }
        let original = [id, ORIGINAL_SUFFIX].concat();
        if titles.next().is_none_or(|(_, title)| title != original) {
            return Err(header_error(place + 1, &original));
        }
        own.push(id.to_owned());
    }
    Ok(own)
}

fn header_error(place: usize, expected: &str) -> ReadError {
    ReadError::Header { column: place + 1, expected: expected.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{PROFILE, ReadError, Reader, document, header, write_line};
    use crate::record::Record;
    use crate::tables::tables;
    use proptest::prelude::*;

    fn record(values: &[(usize, String, String)]) -> Record {
        let mut record = Record::new();
        for (position, value, original) in values {
            let columns = tables().columns();
            let column = &columns[position % columns.len()];
            record.set(column, value);
            record.set_original(column, original);
        }
        record.set_id("profile_ver", PROFILE);
        record
    }

    #[test]
    fn quotes_only_what_must_be_quoted() {
        let mut record = Record::new();
        record.set_id("address", "架空町1,2 \"北\"");
        record.set_id("remarks", "一行目\n二行目");
        record.set_id("name_kanji", "山田 花子");
        let mut line = String::new();
        write_line(&record, &mut line);
        assert!(line.contains(",\"架空町1,2 \"\"北\"\"\","), "{line}");
        assert!(line.contains(",\"一行目\n二行目\","));
        assert!(line.contains(",山田 花子,"));
        assert_eq!(header().split(',').count(), 316);
    }

    #[test]
    fn refuses_another_profile() {
        let text = document(&record(&[])).replace(PROFILE, "kcsv/2.0.0");
        let mut reader = Reader::new(text.as_bytes()).unwrap();
        assert!(matches!(reader.next_record(), Err(ReadError::Profile { record: 1, .. })));
        let text = text.replacen("weight", "wheight", 1);
        let error = Reader::new(text.as_bytes()).err().unwrap();
        assert!(matches!(error, ReadError::Header { column: 37, .. }), "{error}");
    }

    #[test]
    fn items_of_one_s_own_stand_behind_those_of_the_profile() {
        let own = crate::own::tests::items();
        let mut written = Record::with_own(&own);
        written.set_id("profile_ver", PROFILE);
        written.set(own[0], "0.12");
        written.set_original(own[0], " ０．１２");
        written.set(own[2], "一、\"二\"");
        let text = document(&written);
        let header_row = super::header_of(own.iter().map(|column| column.id.as_str()));
        let behind = header_row.strip_prefix(header()).unwrap();
        let expected = ",x_crp,x_crp__orig,x_psa,x_psa__orig,x_memo,x_memo__orig,\
                        x_us_abdomen_txt,x_us_abdomen_txt__orig";
        assert_eq!(behind, expected);
        assert!(text.ends_with(",0.12, ０．１２,,,\"一、\"\"二\"\"\",,,\r\n"), "{text}");
        let mut file = Vec::new();
        super::Writer::new(&mut file, &own).unwrap().finish().unwrap();
        assert_eq!(String::from_utf8(file).unwrap(), format!("{header_row}\r\n"));
        assert_eq!(written.get("x_crp"), "0.12");
        let read = Reader::new(text.as_bytes()).unwrap().next_record().unwrap().unwrap();
        assert_eq!(read.get("x_crp"), "0.12");
        assert_eq!(read.content_key(), written.content_key());
        assert_ne!(read.content_key(), record(&[]).content_key());
        let mut empty = Record::with_own(&own);
        empty.set_id("profile_ver", PROFILE);
        assert_eq!(empty.content_key(), record(&[]).content_key());
        // of the same number of columns, another name
        let renamed = text.replace("x_crp", "x_crq");
        let renamed = Reader::new(renamed.as_bytes()).unwrap().next_record().unwrap().unwrap();
        assert_ne!(renamed.content_key(), written.content_key());
    }

    #[test]
    fn other_columns_behind_are_refused() {
        for (behind, wrong) in [
            (",crp,crp__orig", 317),
            (",x_CRP,x_CRP__orig", 317),
            (",x_crp", 318),
            (",x_crp,x_psa", 318),
            (",x_crp,x_crp__orig,x_crp,x_crp__orig", 319),
            (",", 317),
        ] {
            let text = format!("{}{behind}\r\n", header());
            match Reader::new(text.as_bytes()).err() {
                Some(ReadError::Header { column, .. }) => assert_eq!(column, wrong, "{behind}"),
                other => panic!("{behind}: {other:?}"),
            }
        }
        let foreign =
            crate::own::intern(&[crate::own::tests::declaration("x", crate::own::Kind::Text)]);
        let mut record = Record::with_own(&crate::own::tests::items());
        record.set(foreign.unwrap()[0], "elsewhere");
        assert!(record.own().all(|(_, field)| field.is_empty()), "another institution's item");
    }

    proptest! {
        #[test]
        fn written_records_are_read_back(
            values in proptest::collection::vec((0_usize..175, "\\PC{0,12}", "[あ-ん,\"\r\n ]{0,8}"), 0..30)
        ) {
            let written = record(&values);
            let text = document(&written);
            let mut reader = Reader::new(text.as_bytes()).unwrap();
            prop_assert_eq!(reader.next_record().unwrap(), Some(written));
            prop_assert!(reader.next_record().unwrap().is_none());
        }

        #[test]
        fn items_of_one_s_own_are_read_back(
            values in proptest::collection::vec(("\\PC{0,12}", "[あ-ん,\"\r\n ]{0,8}"), 4)
        ) {
            let own = crate::own::tests::items();
            let mut written = Record::with_own(&own);
            written.set_id("profile_ver", PROFILE);
            for (column, (value, original)) in own.iter().zip(&values) {
                written.set(column, value);
                written.set_original(column, original);
            }
            let text = document(&written);
            let read = Reader::new(text.as_bytes()).unwrap().next_record().unwrap().unwrap();
            let items = |record: &Record| -> Vec<(String, String, String)> {
                let own = record.own().map(|(id, field)| (id.to_owned(), field.clone()));
                own.map(|(id, field)| (id, field.value, field.original)).collect()
            };
            prop_assert_eq!(items(&read), items(&written));
            prop_assert_eq!(document(&read), text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn a_written_file_is_written_the_same_again(record in crate::generated::record()) {
            let text = document(&record);
            let mut reader = Reader::new(text.as_bytes()).unwrap();
            let read = reader.next_record().unwrap().unwrap();
            prop_assert_eq!(&read, &record);
            prop_assert_eq!(document(&read), text);
        }
    }
}
