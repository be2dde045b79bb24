//! Words that settings choose from.

/// An enum of words, with the list of them.
macro_rules! words {
    ($(#[$doc:meta])* $Name:ident { $( $(#[$vdoc:meta])* $Variant:ident = $word:literal, )* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum $Name { $( $(#[$vdoc])* $Variant, )* }

        impl $Name {
            /// The words, in the order in which they are documented.
            pub(crate) const NAMES: &'static [&'static str] = &[ $( $word, )* ];
        }

        impl std::str::FromStr for $Name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                match text {
                    $( $word => Ok(Self::$Variant), )*
                    _ => Err(()),
                }
            }
        }
    };
}

words! {
    /// A part of the house that a process can serve.
    Actor {
        /// Document Registry: ITI-18, ITI-42.
        Registry = "registry",
        /// Document Repository: ITI-41, ITI-43.
        Repository = "repository",
        /// On-Demand Document Source, beside the repository: ITI-43, ITI-61.
        OnDemand = "on_demand",
        /// Responding Gateway, beside the registry: ITI-38, ITI-39, ITI-92.
        RespondingGateway = "responding_gateway",
        /// Initiating Gateway, beside registry and repository: ITI-18 and ITI-43 over all communities.
        InitiatingGateway = "initiating_gateway",
        /// Patient discovery for other communities, beside the registry: ITI-55.
        Xcpd = "xcpd",
        /// Patient identity feed: ITI-8 by MLLP.
        PatientFeed = "patient_feed",
        /// PIX Manager and Patient Demographics Supplier, beside the registry: ITI-9, ITI-21.
        PixPdq = "pixpdq",
        /// Audit Record Repository: the journal, its index, and who may read them.
        Audit = "audit",
    }
}

words! {
    /// Where the repository keeps documents.
    ContentHome {
        /// Segments beside SQLite, rows on PostgreSQL.
        Auto = "auto",
        /// Files in the data directory.
        Segments = "segments",
        /// Rows of the repository's database.
        Database = "database",
    }
}

words! {
    /// When On-Demand entries are registered.
    OnDemandEntries {
        /// When the operator says so.
        ByCommand = "by-command",
        /// With the first document.
        Automatic = "automatic",
    }
}

words! {
    /// For which patients documents may be registered.
    PatientPolicy {
        /// Those that the feed announced.
        KnownOnly = "known-only",
        /// Every id of the assigning authority.
        AcceptAny = "accept-any",
    }
}

words! {
    /// What a query from another community is answered about a patient who is not known here.
    UnknownPatient {
        /// That there is nothing.
        Empty = "empty",
        /// XDSUnknownPatientId.
        Error = "error",
    }
}

words! {
    /// The lowest TLS version.
    TlsVersion {
        /// RFC 5246.
        V1_2 = "1.2",
        /// RFC 8446.
        V1_3 = "1.3",
    }
}

words! {
    /// The suites of TLS 1.2.
    TlsProfile {
        /// 高セキュリティ型 of the Japanese guideline.
        HighSecurity = "high-security",
        /// RFC 9325 and ITI TF-2: 3.19.6.2.3.
        Bcp195 = "bcp195",
    }
}

words! {
    /// What becomes of the nodes of a trusted CA whose list of revoked certificates is missing or past its time.
    StaleCrl {
        /// They are let in no more.
        Refuse = "refuse",
        /// They are let in, unless they are on the last list.
        Admit = "admit",
    }
}

words! {
    /// The form of a log line.
    LogFormat {
        /// For people.
        Text = "text",
        /// For machines.
        Json = "json",
    }
}
