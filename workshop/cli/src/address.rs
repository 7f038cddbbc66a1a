//! How an address is written that somebody types, and what is wrong with it, in both languages.

use shared::command_line::{self, HostPort, WrongAddress};
use terminal::{Text, Told};

/// A server to connect to: `HOST:PORT`.
///
/// # Errors
///
/// What is wrong with it, and what to write.
pub(crate) fn server(text: &str) -> Result<HostPort, Told> {
    command_line::server(text).map_err(|wrong| Told(Text::new(wrong.to_string(), chinese(&wrong))))
}

fn chinese(wrong: &WrongAddress) -> String {
    match wrong {
        WrongAddress::Url(_) => {
            "请写 HOST:PORT，例如 127.0.0.1:40713，不带 http://，也不带路径".into()
        }
        WrongAddress::NoHost(_) => "缺少主机；请写 HOST:PORT，例如 127.0.0.1:40713".into(),
        WrongAddress::NoPort(_) => "缺少端口；请写 HOST:PORT，例如 127.0.0.1:40713".into(),
        WrongAddress::Port { least, found } => {
            format!("端口是 {least} 到 65535 之间的整数，不能是“{found}”")
        }
        WrongAddress::NoIpv6(host) => format!("“{host}”不是 IPv6 地址；IPv6 地址写成 [::1]"),
        WrongAddress::NoBrackets => "IPv6 地址要放在方括号里，例如 [::1]:40713".into(),
        WrongAddress::Host(host) => format!(
            "主机是一个地址，或者一个由 ASCII 字母、数字、“-”“.”“_”组成的名字，不能是“{host}”"
        ),
    }
}
