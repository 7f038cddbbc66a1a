//! What happens on a page while nobody looks: requests, errors, exceptions.

use std::collections::HashMap;

use serde_json::Value;

/// Everything that was noted of one page.
pub(crate) struct Notes {
    home: String,
    /// Asked for and not answered yet, by the request's name.
    outstanding: HashMap<String, String>,
    /// What should not have happened, in words.
    pub(crate) troubles: Vec<String>,
    /// WebSockets that were opened and answered.
    pub(crate) sockets: usize,
}

impl Notes {
    /// For a page that may ask for addresses below `home`.
    pub(crate) fn new(home: &str) -> Notes {
        Notes {
            home: home.to_owned(),
            outstanding: HashMap::new(),
            troubles: Vec::new(),
            sockets: 0,
        }
    }

    /// An address that has not been answered.
    pub(crate) fn outstanding(&self) -> Option<&str> {
        self.outstanding.values().next().map(String::as_str)
    }

    /// Notes an event of the DevTools protocol.
    pub(crate) fn add(&mut self, message: &Value) {
        let event = &message["params"];
        let request = event["requestId"].as_str().unwrap_or_default();
        match message["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                let address = event["request"]["url"].as_str().unwrap_or_default();
                if !self.may_ask(address) {
                    self.troubles.push(format!("asks somebody else: {address}"));
                }
                // What is refused before it is sent has no end either.
                self.outstanding
                    .insert(request.to_owned(), address.to_owned());
            }
            // Nothing more is heard of what the page before had asked for.
            "Page.frameNavigated" if event["frame"].get("parentId").is_none() => {
                self.outstanding.clear();
            }
            "Network.loadingFinished" => drop(self.outstanding.remove(request)),
            "Network.loadingFailed" => {
                let address = self.outstanding.remove(request).unwrap_or_default();
                // Whoever goes to the next page needs the rest of this one no more.
                if event["canceled"] != true {
                    self.troubles
                        .push(format!("{address}: {}", event["errorText"]));
                }
            }
            "Network.responseReceived" => {
                let response = &event["response"];
                if response["status"]
                    .as_u64()
                    .is_some_and(|status| status >= 400)
                {
                    let trouble = format!("{}: {}", response["url"], response["status"]);
                    self.troubles.push(trouble);
                }
            }
            "Network.webSocketCreated" => {
                let address = event["url"].as_str().unwrap_or_default();
                if !self.may_ask(&address.replacen("ws:", "http:", 1)) {
                    self.troubles.push(format!("asks somebody else: {address}"));
                }
            }
            "Network.webSocketHandshakeResponseReceived" => self.sockets += 1,
            "Runtime.exceptionThrown" => {
                let thrown = &event["exceptionDetails"];
                let about = &thrown["exception"]["description"];
                let about = about.as_str().or(thrown["text"].as_str());
                self.troubles
                    .push(format!("a script threw {}", about.unwrap_or_default()));
            }
            "Runtime.consoleAPICalled"
                if ["error", "assert"]
                    .iter()
                    .any(|kind| event["type"] == *kind) =>
            {
                self.troubles
                    .push(format!("a script complains: {}", event["args"]));
            }
            "Log.entryAdded" if event["entry"]["level"] == "error" => {
                let entry = &event["entry"];
                self.troubles.push(format!(
                    "the console says {} {}",
                    entry["text"], entry["url"]
                ));
            }
            _ => {}
        }
    }

    fn may_ask(&self, address: &str) -> bool {
        ["data:", "blob:", "about:", &self.home]
            .iter()
            .any(|start| address.starts_with(start))
    }
}
