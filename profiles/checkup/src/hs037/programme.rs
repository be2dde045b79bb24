//! What the 健診プログラムサービスコード decides: the category and the sections of the document.

use crate::tables::Section;

/// Code, title and official display of a section; no display where the guide's profile and its
/// code system differ.
pub(super) struct SectionKind {
    pub(super) code: &'static str,
    pub(super) title: &'static str,
    pub(super) display: Option<&'static str>,
}

/// One row per programme.
pub(super) struct Programme {
    pub(super) code: &'static str,
    pub(super) display: &'static str,
    pub(super) category: &'static str,
    pub(super) category_display: Option<&'static str>,
    results: SectionKind,
    questionnaire: SectionKind,
    /// Whether added items have their own section.
    additional: bool,
}

impl Programme {
    /// The sections in document order.
    pub(super) fn sections(&self) -> Vec<(Section, &SectionKind)> {
        let mut sections =
            vec![(Section::Results, &self.results), (Section::Questionnaire, &self.questionnaire)];
        if self.additional {
            sections.push((Section::Additional, &ADDITIONAL));
        }
        sections
    }

    /// Where an item of the column table goes under this programme.
    pub(super) fn place(&self, section: Section) -> Section {
        match section {
            Section::Additional if !self.additional => Section::Results,
            other => other,
        }
    }
}

const ADDITIONAL: SectionKind =
    SectionKind {
        code: "01990", title: "任意追加項目", display: Some("任意追加項目セクション")
    };

const fn plain(code: &'static str, title: &'static str) -> SectionKind {
    SectionKind { code, title, display: None }
}

static OTHER: Programme = Programme {
    code: "990",
    display: "その他",
    category: "99",
    category_display: None,
    results: SectionKind {
        code: "01910", title: "検査結果", display: Some("検査結果セクション")
    },
    questionnaire: SectionKind {
        code: "01920",
        title: "問診結果",
        display: Some("問診結果セクション"),
    },
    additional: false,
};

static PROGRAMMES: [Programme; 6] = [
    Programme {
        code: "010",
        display: "特定健康診査",
        category: "10",
        category_display: Some("特定健診情報"),
        results: SectionKind {
            code: "01011",
            title: "特定健診検査結果",
            display: Some("特定健診検査結果セクション"),
        },
        questionnaire: SectionKind {
            code: "01012",
            title: "特定健診問診結果",
            display: Some("特定健診問診結果セクション"),
        },
        additional: true,
    },
    Programme {
        code: "020",
        display: "広域連合の保健事業",
        category: "10",
        category_display: None,
        results: plain("01021", "広域連合保健事業検査結果"),
        questionnaire: plain("01022", "広域連合保健事業問診結果"),
        additional: false,
    },
    Programme {
        code: "030",
        display: "事業者健診",
        category: "41",
        category_display: Some("事業者健診"),
        results: SectionKind {
            code: "01031",
            title: "事業者健診検査結果",
            display: Some("事業者健診検査結果セクション"),
        },
        questionnaire: SectionKind {
            code: "01032",
            title: "事業者健診問診結果",
            display: Some("事業者健診問診結果セクション"),
        },
        additional: false,
    },
    Programme {
        code: "040",
        display: "学校健診",
        category: "99",
        category_display: None,
        results: plain("01041", "学校職員健診検査結果"),
        questionnaire: plain("01042", "学校職員健診問診結果"),
        additional: false,
    },
    Programme {
        code: "070",
        display: "保険者以外が行う特定健診等に相当する健診",
        category: "70",
        category_display: None,
        results: plain("01071", "健診検査結果"),
        questionnaire: plain("01072", "健診問診結果"),
        additional: false,
    },
    Programme {
        code: "080",
        display: "保険者が実施する特定健診等以外の健診",
        category: "80",
        category_display: None,
        results: plain("01081", "健診検査結果"),
        questionnaire: plain("01082", "健診問診結果"),
        additional: false,
    },
];

/// The row of a programme; any other code is その他.
pub(super) fn of(code: &str) -> &'static Programme {
    PROGRAMMES.iter().find(|programme| programme.code == code).unwrap_or(&OTHER)
}
