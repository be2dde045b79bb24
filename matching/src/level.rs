//! What can be observed of two descriptions: fields, and how far they agree in each.

use std::fmt;

/// What persons are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The family name, in all its writings.
    Family,
    /// The given name, in all its writings.
    Given,
    /// The date of birth.
    Birth,
    /// The sex.
    Sex,
    /// Postal code and address of a home.
    Residence,
    /// Telephone numbers that are not a workplace's.
    Telephone,
    /// The card of an insured person.
    Insured,
    /// An identifier that a person has once, everywhere.
    Personal,
    /// The number of an institution, inside it.
    Own,
}

impl Field {
    /// All, in the order in which reasons are told.
    pub const ALL: [Self; 9] = [
        Self::Family,
        Self::Given,
        Self::Birth,
        Self::Sex,
        Self::Residence,
        Self::Telephone,
        Self::Insured,
        Self::Personal,
        Self::Own,
    ];

    /// The field that rules call so: what the names of its levels begin with.
    pub fn parse(id: &str) -> Option<Self> {
        let of = |level: &&Level| level.id().split('-').next() == Some(id);
        Level::ALL.iter().find(of).map(|level| level.field())
    }

    /// Whether it tells of a person alone, and not of all who live together.
    pub const fn is_personal(self) -> bool {
        match self {
            Self::Given | Self::Birth | Self::Sex | Self::Personal | Self::Own => true,
            Self::Family | Self::Residence | Self::Telephone | Self::Insured => false,
        }
    }
}

macro_rules! levels {
    ($($name:ident = $id:literal, $field:ident, $ja:literal, $en:literal;)*) => {
        /// How far two descriptions agree in a field; of each field, what says most for one person stands first.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Level {
            $(#[doc = $en] $name,)*
        }

        impl Level {
            /// All, in their order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name by which rules call it.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }

            /// Of which field.
            pub const fn field(self) -> Field {
                match self { $(Self::$name => Field::$field,)* }
            }

            /// What was observed, in Japanese.
            pub const fn ja(self) -> &'static str {
                match self { $(Self::$name => $ja,)* }
            }

            /// What was observed, in English.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$name => $en,)* }
            }
        }
    };
}

levels! {
    FamilySame = "family-same", Family, "姓が一致", "the family name is the same";
    FamilyVariant = "family-variant", Family, "姓は表記の違い(旧字・長音など)を除いて一致", "the family name is the same in another spelling (old characters, long vowels)";
    FamilySwapped = "family-swapped", Family, "姓と名が入れ替わっている", "family and given name have changed places";
    FamilyKanji = "family-kanji", Family, "姓は漢字が一致し、読みが異なる", "the family name is the same in kanji and read otherwise";
    FamilyMixed = "family-mixed", Family, "姓は一部の表記だけ一致(カナと漢字など)", "the family name agrees in one writing and not in another (kana, kanji)";
    FamilyClose = "family-close", Family, "姓は1文字違い", "the family name is one letter off";
    FamilyChanged = "family-changed", Family, "姓が異なる(女性。改姓の可能性)", "another family name (of women, who may have married)";
    FamilyOther = "family-other", Family, "姓が異なる", "another family name";
    GivenSame = "given-same", Given, "名が一致", "the given name is the same";
    GivenVariant = "given-variant", Given, "名は表記の違い(旧字・長音・ミドルネームなど)を除いて一致", "the given name is the same in another spelling (old characters, long vowels, middle names)";
    GivenSwapped = "given-swapped", Given, "名と姓が入れ替わっている", "given and family name have changed places";
    GivenKanji = "given-kanji", Given, "名は漢字が一致し、読みが異なる", "the given name is the same in kanji and read otherwise";
    GivenMixed = "given-mixed", Given, "名は一部の表記だけ一致(カナと漢字など)", "the given name agrees in one writing and not in another (kana, kanji)";
    GivenClose = "given-close", Given, "名は1文字違い", "the given name is one letter off";
    GivenOther = "given-other", Given, "名が異なる", "another given name";
    BirthSame = "birth-same", Birth, "生年月日が一致", "the date of birth is the same";
    BirthPartly = "birth-partly", Birth, "生年月日は分かっている範囲で一致", "the date of birth is the same as far as it is known";
    BirthSwapped = "birth-swapped", Birth, "生年月日の月と日が入れ替わっている", "month and day of birth have changed places";
    BirthEra = "birth-era", Birth, "生年月日は元号の取り違えで一致", "the date of birth is the same but for another era";
    BirthDigit = "birth-digit", Birth, "生年月日は数字1文字違い", "the date of birth is one digit off";
    BirthTwo = "birth-two", Birth, "生年月日は年・月・日のうち2つが一致", "two of year, month and day of birth are the same";
    BirthOther = "birth-other", Birth, "生年月日が異なる", "another date of birth";
    SexSame = "sex-same", Sex, "性別が一致", "the sex is the same";
    SexOther = "sex-other", Sex, "性別が異なる", "the other sex";
    ResidenceSame = "residence-same", Residence, "住所が一致", "the address is the same";
    ResidenceHouse = "residence-house", Residence, "住所は番地まで一致(建物・部屋は不明または異なる)", "the address is the same up to the number of the house";
    ResidenceTown = "residence-town", Residence, "住所は町まで一致(または郵便番号が一致)", "the town of the address, or its postal code, is the same";
    ResidenceArea = "residence-area", Residence, "住所は同じ地域(郵便番号の上3桁)", "the area of the address is the same (three digits of the postal code)";
    ResidenceOther = "residence-other", Residence, "住所が異なる", "another address";
    TelephoneMobile = "telephone-mobile", Telephone, "携帯電話番号が一致", "the mobile number is the same";
    TelephoneSame = "telephone-same", Telephone, "電話番号が一致", "the telephone number is the same";
    TelephoneOther = "telephone-other", Telephone, "電話番号が異なる", "another telephone number";
    InsuredSame = "insured-same", Insured, "保険者番号・記号・番号・枝番が一致", "insurer, symbol, number and branch of the card are the same";
    InsuredCard = "insured-card", Insured, "保険証の記号・番号が一致(枝番は不明。家族も同じ)", "the card is the same, its branch not known (a family shares it)";
    InsuredOther = "insured-other", Insured, "保険証が異なる(転職などで変わる)", "another card (people change their insurers)";
    InsuredBranch = "insured-branch", Insured, "同じ保険証で枝番が異なる(家族の別人)", "another branch of the same card (somebody else of the family)";
    PersonalSame = "personal-same", Personal, "個人ごとの番号が一致", "the identifier that a person has once is the same";
    PersonalOther = "personal-other", Personal, "個人ごとの番号が異なる", "another identifier of an authority that gives each person one";
    OwnSame = "own-same", Own, "同じ機関の患者番号が一致", "the number of the same institution is the same";
}

impl Level {
    /// The level that rules call so.
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|level| level.id() == id)
    }

    /// Whether what is shared is a name, so that its rarity counts.
    pub(crate) const fn shares_a_name(self) -> bool {
        matches!(
            self,
            Self::FamilySame
                | Self::FamilyVariant
                | Self::FamilySwapped
                | Self::FamilyKanji
                | Self::GivenSame
                | Self::GivenVariant
                | Self::GivenSwapped
                | Self::GivenKanji
        )
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_found_by_their_names() {
        for level in Level::ALL {
            assert_eq!(Level::parse(level.id()), Some(*level));
            assert!(!level.ja().is_empty() && !level.en().is_empty());
        }
        assert_eq!(Level::parse("family"), None);
        assert_eq!(Field::parse("given"), Some(Field::Given));
        assert_eq!(Field::parse("given-same"), None);
        assert!(Level::ALL.is_sorted_by_key(|level| level.field()));
    }
}
