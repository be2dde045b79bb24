//! The name of this machine, by which audit records say where something happened.

/// The host name that the kernel knows; `localhost` where it tells none.
pub(crate) fn name() -> String {
    let named = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let named = named.trim();
    if named.is_empty() || named == "(none)" { "localhost".to_owned() } else { named.to_owned() }
}

/// Who runs a command, as far as the system says.
pub(crate) fn operator() -> String {
    let user = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    user.unwrap_or_else(|| "operator".to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_a_word() {
        let name = super::name();
        assert!(!name.is_empty() && !name.contains(char::is_whitespace), "{name:?}");
    }
}
