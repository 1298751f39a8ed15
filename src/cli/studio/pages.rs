//! The studio's pages: what was asked for, what the desk did, as HTML.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{Form, FromRequest, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use serde::{Deserialize, Serialize};

use super::desk::{self, Desk, Refusal};
use super::guard::{FORM, nothing};
use crate::report::render::fingerprint;
use crate::text::{Language, Text, catalogue, locale};

const STYLE: &str = include_str!("studio.css");
const SCRIPT: &str = include_str!("studio.js");

/// The pages, below the token's path.
pub fn router(desk: Arc<Desk>, token: &str) -> Router {
    let at = |page: &str| format!("/{token}/{page}");
    Router::new()
        .route(&at(""), get(shell))
        .route(&at("page"), get(page))
        .route(&at("changes"), get(changes))
        .route(&at("set"), get(set))
        .route(&at("weights"), post(save))
        .route(&at("edition"), post(write))
        .fallback(|| async { nothing() })
        .with_state(desk)
}

/// What a page is about.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Asked {
    as_of: Option<String>,
    units: Option<u8>,
    lang: Option<Language>,
    kind: Option<String>,
    name: Option<String>,
    said: Option<String>,
}

impl Asked {
    fn language(&self) -> Language {
        self.lang.unwrap_or(Language::En)
    }
}

async fn shell(State(desk): State<Arc<Desk>>, Query(asked): Query<Asked>) -> Response {
    answered(asked.language(), move || {
        let level = desk.level(asked.units);
        let day = desk.day(asked.as_of.as_deref(), level)?.to_string();
        let language = asked.language();
        let sets = desk.saved()?.into_iter().map(|s| context! { kind => s.kind.name(), name => s.name, text => s.text, seen => s.seen });
        let query = format!("as_of={day}&units={level}&lang={}", language.code());
        let page = context! { day, level, query, sets => sets.collect::<Vec<_>>(), said => asked.said, script => SCRIPT };
        render("shell.html", page, language)
    })
    .await
}

async fn page(State(desk): State<Arc<Desk>>, Query(asked): Query<Asked>) -> Response {
    let language = asked.language();
    let mut response = answered(language, move || {
        let level = desk.level(asked.units);
        desk.page(desk.day(asked.as_of.as_deref(), level)?, level, language)
    })
    .await;
    if response.status() == StatusCode::OK {
        // The page carries its own policy, with the hashes of its script and style.
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'self'"));
    }
    response
}

async fn changes(State(desk): State<Arc<Desk>>, Query(asked): Query<Asked>) -> Response {
    answered(asked.language(), move || {
        let level = desk.level(asked.units);
        let day = desk.day(asked.as_of.as_deref(), level)?;
        let (before, moved) = desk.changes(day, level)?.unzip();
        render("changes.html", context! { day => day.to_string(), before, moved => moved.map(Serde) }, asked.language())
    })
    .await
}

async fn set(State(desk): State<Arc<Desk>>, Query(asked): Query<Asked>) -> Response {
    answered(asked.language(), move || {
        let level = desk.level(asked.units);
        let day = desk.day(asked.as_of.as_deref(), level)?;
        let kind = desk::kind(asked.kind.as_deref().unwrap_or_default())?;
        let found = desk.against_analysts(kind, asked.name.as_deref().unwrap_or_default(), day, level)?;
        render("set.html", context! { day => day.to_string(), found => Serde(found) }, asked.language())
    })
    .await
}

#[derive(Deserialize)]
struct WeightsForm {
    kind: String,
    name: String,
    text: String,
    seen: String,
    back: String,
}

async fn save(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let form: WeightsForm = match read(request).await {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    let back = form.back.clone();
    sent(&back, move || desk.save(desk::kind(&form.kind)?, &form.name, &form.text.replace("\r\n", "\n"), &form.seen)).await
}

#[derive(Deserialize)]
struct EditionForm {
    as_of: String,
    units: u8,
    back: String,
}

async fn write(State(desk): State<Arc<Desk>>, request: Request) -> Response {
    let form: EditionForm = match read(request).await {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    let back = form.back.clone();
    sent(&back, move || {
        let level = desk.level(Some(form.units));
        desk.write_edition(desk.day(Some(&form.as_of), level)?, level)
    })
    .await
}

/// Reads a form; whoever takes too long, or sends too much, is told so.
async fn read<T: for<'de> Deserialize<'de> + Send>(request: Request<Body>) -> Result<T, Response> {
    match tokio::time::timeout(FORM, Form::<T>::from_request(request, &())).await {
        Ok(Ok(Form(form))) => Ok(form),
        Ok(Err(refused)) => Err(refused.into_response()),
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "the form did not come in time\n").into_response()),
    }
}

/// A page that takes some computing, beside the thread that serves.
async fn answered(language: Language, work: impl FnOnce() -> Result<String, Refusal> + Send + 'static) -> Response {
    match computed(work).await {
        Ok(html) => html_page(StatusCode::OK, html),
        Err(refusal) => refused(&refusal, language),
    }
}

/// What a form asked for; then back to the page, which says what was done.
async fn sent(back: &str, work: impl FnOnce() -> Result<String, Refusal> + Send + 'static) -> Response {
    // What is not understood is left out.
    let asked: Asked = serde_urlencoded::from_str(back).unwrap_or_default();
    match computed(work).await {
        Ok(done) => {
            let next = Asked { as_of: asked.as_of, units: asked.units, lang: asked.lang, said: Some(done), ..Asked::default() };
            Redirect::to(&format!("./?{}", serde_urlencoded::to_string(next).unwrap_or_default())).into_response()
        }
        Err(refusal) => refused(&refusal, asked.language()),
    }
}

async fn computed(work: impl FnOnce() -> Result<String, Refusal> + Send + 'static) -> Result<String, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(Refusal { status: 500, why: error.to_string() }),
    }
}

fn refused(refusal: &Refusal, language: Language) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match render("refused.html", context! { why => &refusal.why }, language) {
        Ok(html) => html_page(status, html),
        Err(failed) => (status, failed.why).into_response(),
    }
}

fn html_page(status: StatusCode, html: String) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
    if let Ok(policy) = HeaderValue::from_str(&POLICY) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Nothing but the studio's own style and script, its own frames and its own forms.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
        fingerprint(STYLE),
        fingerprint(SCRIPT)
    )
});

fn render(name: &str, page: Value, language: Language) -> Result<String, Refusal> {
    let rendered = environment(language).and_then(|env| env.get_template(name)?.render(page));
    rendered.map_err(|e| Refusal { status: 500, why: format!("{e:#}") })
}

fn environment(language: Language) -> Result<Environment<'static>, minijinja::Error> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.add_global("style", Value::from_safe_string(STYLE.to_owned()));
    env.add_global("language", language.code());
    env.add_global("direction", language.direction());
    env.add_function("word", move |key: &str| catalogue().get(&format!("studio.{key}")).map_or_else(|| key.to_owned(), |t| t.get(language).to_owned()));
    env.add_filter("t", move |text: Serde<Text>| text.0.get(language).to_owned());
    env.add_filter("one", move |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| locale::number(x, 1, language)));
    env.add_filter("signed", move |x: Option<f64>| x.map_or_else(|| "–".to_owned(), |x| format!("{}{}", if x > 0.0 { "+" } else { "" }, locale::number(x, 2, language))));
    env.add_filter("dash", |x: Value| if x.is_none() || x.is_undefined() { Value::from("–") } else { x });
    for (name, text) in TEMPLATES {
        env.add_template(name, text)?;
    }
    Ok(env)
}

const TEMPLATES: [(&str, &str); 5] = [
    ("frame.html", include_str!("frame.html.j2")),
    ("shell.html", include_str!("shell.html.j2")),
    ("changes.html", include_str!("changes.html.j2")),
    ("set.html", include_str!("set.html.j2")),
    ("refused.html", include_str!("refused.html.j2")),
];
