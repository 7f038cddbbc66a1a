//! What the system says when a call fails, in Chinese: as the C library does (`strerror(3)`), wherever
//! its translations are installed.

use nix::errno::Errno;
use std::io::{self, ErrorKind};

/// The error in Chinese.
pub(crate) fn chinese(error: &io::Error) -> String {
    if let Some(number) = number(error) {
        let errno = Errno::from_raw(number);
        return match words(errno) {
            Some(words) => words.to_owned(),
            None => format!("错误 {number}（{errno:?}）"),
        };
    }
    // The resolver has numbers of its own, of which the standard library keeps the words alone.
    if error.to_string().starts_with("failed to lookup address") {
        return "查不到这个名字的地址".to_owned();
    }
    match error.kind() {
        ErrorKind::NotFound => "找不到".to_owned(),
        ErrorKind::PermissionDenied => "权限不够".to_owned(),
        ErrorKind::ConnectionRefused => "拒绝连接".to_owned(),
        ErrorKind::ConnectionReset => "连接被对方重置".to_owned(),
        ErrorKind::BrokenPipe => "断开的管道".to_owned(),
        ErrorKind::IsADirectory => "是一个目录".to_owned(),
        ErrorKind::InvalidInput => "无效的参数".to_owned(),
        ErrorKind::InvalidData => "内容不是有效的 UTF-8 文本".to_owned(),
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "超时".to_owned(),
        ErrorKind::UnexpectedEof => "内容不完整".to_owned(),
        ErrorKind::WriteZero => "没有写完".to_owned(),
        ErrorKind::Unsupported => "这个系统不支持".to_owned(),
        _ => format!("原话是“{error}”"),
    }
}

/// The system's number, even if somebody has added a path to it.
fn number(error: &io::Error) -> Option<i32> {
    let inner = error.get_ref().and_then(|inner| inner.source());
    let inner = inner.and_then(|inner| inner.downcast_ref::<io::Error>());
    error.raw_os_error().or(inner.and_then(number))
}

fn words(errno: Errno) -> Option<&'static str> {
    Some(match errno {
        Errno::EPERM => "不允许的操作",
        Errno::ENOENT => "没有那个文件或目录",
        Errno::ESRCH => "没有那个进程",
        Errno::EINTR => "被中断的系统调用",
        Errno::EIO => "输入/输出错误",
        Errno::ENXIO => "没有那个设备或地址",
        Errno::E2BIG => "参数列表过长",
        Errno::ENOEXEC => "可执行文件格式错误",
        Errno::EBADF => "错误的文件描述符",
        Errno::ECHILD => "没有子进程",
        Errno::EAGAIN => "资源暂时不可用",
        Errno::ENOMEM => "无法分配内存",
        Errno::EACCES => "权限不够",
        Errno::EBUSY => "设备或资源忙",
        Errno::EEXIST => "文件已存在",
        Errno::EXDEV => "无效的跨设备链接",
        Errno::ENODEV => "没有那个设备",
        Errno::ENOTDIR => "不是目录",
        Errno::EISDIR => "是一个目录",
        Errno::EINVAL => "无效的参数",
        Errno::ENFILE => "系统中打开的文件过多",
        Errno::EMFILE => "打开的文件过多",
        Errno::ENOTTY => "对设备不适当的 ioctl 操作",
        Errno::ETXTBSY => "文本文件忙",
        Errno::EFBIG => "文件过大",
        Errno::ENOSPC => "设备上没有空间",
        Errno::EROFS => "只读文件系统",
        Errno::EPIPE => "断开的管道",
        Errno::ENAMETOOLONG => "文件名过长",
        Errno::ENOSYS => "函数未实现",
        Errno::ENOTEMPTY => "目录非空",
        Errno::ELOOP => "符号链接的层数过多",
        Errno::EPROTO => "协议错误",
        Errno::EAFNOSUPPORT => "协议不支持的地址族",
        Errno::EOPNOTSUPP => "不支持的操作",
        Errno::EADDRINUSE => "地址已在使用",
        Errno::EADDRNOTAVAIL => "无法指定被请求的地址",
        Errno::ENETDOWN => "网络已关闭",
        Errno::ENETUNREACH => "网络不可达",
        Errno::ECONNABORTED => "由软件造成的连接中止",
        Errno::ECONNRESET => "连接被对方重置",
        Errno::ENOBUFS => "没有可用的缓冲区空间",
        Errno::ENOTCONN => "传输端点尚未连接",
        Errno::ETIMEDOUT => "连接超时",
        Errno::ECONNREFUSED => "拒绝连接",
        Errno::EHOSTUNREACH => "没有到主机的路由",
        Errno::EDQUOT => "超出磁盘限额",
        Errno::ESTALE => "过旧的文件句柄",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_is_not_listed_is_told_by_its_number_and_name() {
        let error = io::Error::from_raw_os_error(Errno::EUCLEAN as i32);
        let number = Errno::EUCLEAN as i32;
        assert_eq!(chinese(&error), format!("错误 {number}（EUCLEAN）"));
    }
}
