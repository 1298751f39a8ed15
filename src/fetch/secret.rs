//! Tokens and passwords: nothing prints them.

/// A token or a password. It has no `Display`, and its `Debug` does not show it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes a text without the white space around it; nothing if none is left, or if it holds what no header may.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty() && !text.chars().any(char::is_control)).then(|| Self(text.to_owned()))
    }

    /// The text itself, for the request alone.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

/// What the user has of each publisher.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    pub ucdp_token: Option<Secret>,
    pub acled_email: Option<Secret>,
    pub acled_password: Option<Secret>,
}
