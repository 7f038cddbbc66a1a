//! What the page calls: one show for each instance of the module. A request is a text, of one command or
//! of several with `; ` between them; the answer, a [`View`](crate::View) in JSON of what is to be seen in
//! the end. Both are handed over in the module's memory.
//!
//! ```text
//! open select 4 en      a new show: strategy, clients, language
//! act line 2            an action, and nothing else
//! beat                  one system call
//! settle 500            calls until nothing more happens, 500 at most
//! back                  takes the last action or call back
//! view                  nothing but the view
//! brief                 as the last command: the view, without its picture
//! ```

#![cfg_attr(target_family = "wasm", allow(unsafe_code))]

use crate::{Language, Show, Strategy};

/// A show and its language.
pub(crate) struct Page {
    show: Show,
    language: Language,
}

/// Answers a request; an error says what was wrong with it.
pub(crate) fn answer(page: &mut Option<Page>, request: &str) -> Result<String, String> {
    for command in request.split("; ") {
        obey(page, command)?;
    }
    let Page { show, language } = page.as_ref().ok_or("nothing is open")?;
    let view = match request.ends_with("brief") {
        true => show.brief(*language),
        false => show.view(*language),
    };
    serde_json::to_string(&view).map_err(|_| "no view".to_owned())
}

fn obey(page: &mut Option<Page>, request: &str) -> Result<(), String> {
    let (command, rest) = request.split_once(' ').unwrap_or((request, ""));
    if command == "open" {
        *page = Some(open(rest).ok_or_else(|| format!("what is {request}?"))?);
    }
    let Page { show, .. } = page.as_mut().ok_or("nothing is open")?;
    match command {
        "open" | "view" | "brief" => {}
        "act" => _ = show.act(rest.parse()?),
        "beat" => _ = show.beat(),
        "settle" => show.settle(rest.parse().map_err(|_| format!("{rest} is no number"))?),
        "back" => _ = show.back(),
        _ => return Err(format!("what is {request}?")),
    }
    Ok(())
}

fn open(words: &str) -> Option<Page> {
    let mut words = words.split(' ');
    let strategy = Strategy::named(words.next()?)?;
    let clients = words.next()?.parse().ok()?;
    let language = match words.next()? {
        "zh" => Language::Chinese,
        _ => Language::English,
    };
    let show = Show::new(strategy, clients);
    Some(Page { show, language })
}

#[cfg(target_family = "wasm")]
mod module {
    use super::{Page, answer};
    use std::cell::RefCell;

    thread_local! {
        static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
        /// What was last handed over: it stays where it is until the next request.
        static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }

    /// Room for a request of so many bytes: the page writes it there.
    #[unsafe(no_mangle)]
    pub(crate) extern "C" fn room(length: usize) -> *mut u8 {
        TEXT.with_borrow_mut(|text| {
            text.clear();
            text.resize(length, 0);
            text.as_mut_ptr()
        })
    }

    /// Answers the request that has been written into [`room`]: the length of the answer, negative where
    /// it is an error.
    #[unsafe(no_mangle)]
    pub(crate) extern "C" fn call() -> i32 {
        let request = TEXT.with_borrow(|text| String::from_utf8_lossy(text).into_owned());
        let answered = PAGE.with_borrow_mut(|page| answer(page, &request));
        let is_error = answered.is_err();
        let text = answered.unwrap_or_else(|error| error).into_bytes();
        let length = text.len() as i32;
        TEXT.set(text);
        if is_error { -length } else { length }
    }

    /// Where the answer stands.
    #[unsafe(no_mangle)]
    pub(crate) extern "C" fn text() -> *const u8 {
        TEXT.with_borrow(|text| text.as_ptr())
    }
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn a_request_is_answered_by_a_view() {
        let mut page = None;
        answer(&mut page, "open select 2 en").expect("it opens");
        answer(&mut page, "act connect 1").expect("it connects");
        answer(&mut page, "settle 100").expect("it settles");
        let view = answer(&mut page, "act line 1").expect("a view");
        assert!(view.contains("Client 1 sends a line."), "{view}");
        assert!(answer(&mut page, "act dance 1").is_err());
        assert!(answer(&mut page, "open nothing 2 en").is_err());
    }
}
