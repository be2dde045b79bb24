//! `[vocab.NAME]` of a draft: the words that are certain, then those a person has to decide on.

use std::collections::HashSet;

use renkei_checkup::tables::JudgementList;

use super::super::forms::{DraftVocabulary, Form, Rule};
use super::{Lines, TO_FILL_IN, Whole, quoted, told};

pub(super) fn vocabulary(out: &mut Lines, whole: &Whole<'_>, vocabulary: &DraftVocabulary) {
    let found = &vocabulary.found;
    out.line("");
    if !found.source.is_empty() {
        out.line(&format!("# {}", told(&found.source)));
    }
    let is_judged = !found.lists.is_empty() && !found.asked.is_empty();
    if is_judged {
        let names: Vec<&str> = found.lists.iter().map(|list| list.name.as_str()).collect();
        out.line(&format!(
            "# {TO_FILL_IN}: 判定の記号は次の一覧のどれにも当てはまります: {}",
            names.join("、")
        ));
        out.line("#   使っている一覧1つの行の # を外してください / the letters fit several lists");
    }
    out.line(&format!("[vocab.{}]", vocabulary.name));
    let mut seen: HashSet<&str> = HashSet::new();
    for (word, term) in &found.words {
        if seen.insert(word) {
            out.pair(&quoted(word), &quoted(term));
        }
    }
    if is_judged {
        for list in &found.lists {
            judgement_list(out, list);
        }
        return;
    }
    words(out, whole, vocabulary);
}

fn judgement_list(out: &mut Lines, list: &JudgementList) {
    out.line(&format!("# ── {} ({})", told(&list.name), list.id));
    for term in &list.terms {
        let (code, label) = (quoted(&term.code), told(&term.label));
        match &term.standard {
            Some(standard) => out.line(&format!("# {code} = {}  # {label}", quoted(standard))),
            None => out.line(&format!("# {code} = \"\"  # {label}: 標準の判定にありません")),
        }
    }
}

fn words(out: &mut Lines, whole: &Whole<'_>, vocabulary: &DraftVocabulary) {
    const MOST: usize = 40;
    let mut untold = 0;
    for asked in vocabulary.found.asked.iter().take(MOST) {
        if asked.terms.is_empty() && !is_allowed(whole, vocabulary, &asked.word) {
            untold += 1;
            continue;
        }
        let word = quoted(&told(&asked.word));
        match asked.terms.as_slice() {
            [] => out.line(&format!("# {word} = \"\"  # {TO_FILL_IN}: 当たる用語を選んでください")),
            terms => {
                out.line(&format!("# {TO_FILL_IN}: {word} が表すもの1つの # を外してください"));
                for term in terms {
                    out.line(&format!("# {word} = {}", quoted(term)));
                }
            }
        }
    }
    if untold > 0 {
        out.line(&format!(
            "# {TO_FILL_IN}: 対応表にない語が {untold} 種類あります。`renkei mapping check` が語を示します"
        ));
    }
}

/// Whether a word that no table knows may stand in the draft.
fn is_allowed(whole: &Whole<'_>, vocabulary: &DraftVocabulary, word: &str) -> bool {
    let is_used = |rule: &&Rule| {
        let at = match &rule.form {
            Form::Term { vocabulary } => Some(*vocabulary),
            Form::Pattern { vocabulary, .. } => *vocabulary,
            _ => None,
        };
        at.and_then(|at| whole.plan.vocabularies.get(at))
            .is_some_and(|used| used.name == vocabulary.name)
    };
    let rules = whole.plan.rules.iter().chain(&whole.plan.asked);
    rules.filter(is_used).all(|rule| {
        whole.columns.get(rule.column).is_none_or(|column| {
            let is_there = column.profile.words.contains_key(word);
            !is_there || whole.plan.privacy.allows(word, column)
        })
    })
}
