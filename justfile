# The menu: `just` lists it. Each recipe is one line onto cargo, which can be typed as well.

set quiet

[private]
menu:
    @just --list --unsorted

# See everything at once: build, talk, grade, measure    一览
tour:
    cargo run -q -- tour

# Run a step: just run 2                                 运行某一步
[positional-arguments, no-exit-message]
run step *arguments:
    cargo run -q -- run "$@"

# Talk to it from another terminal                       和服务器对话
[no-exit-message]
client *address:
    cargo run -q --release -p fork-server --bin rot13-client -- {{address}}

# Say the same to many servers at once                   同时问许多个服务器
[no-exit-message]
ask *addresses:
    cargo run -q --release -p bufferevent-server --bin bufferevent-client -- {{addresses}}

# Begin a copy of a step, and write it: just start 2     开始写自己的
[positional-arguments, no-exit-message]
start step *options:
    cargo run -q -- start "$@"

# Grade a step, your copy if there is one: just grade 2  评分
[positional-arguments, no-exit-message]
grade step *options:
    cargo run -q -- grade "$@"

# Weigh servers side by side: just versus floor 5       并排比一比
[positional-arguments, no-exit-message]
versus *arguments:
    cargo run -q --release -p bench -- versus "$@"

# Run every test                                         全部测试
test:
    cargo test --workspace

# Read the book in a browser, with live reload           读书
book *options:
    cargo run -q -p book -- serve --open {{options}}

# What has to hold before a commit                       提交前的检查
ci:
    .ci/run

# Whatever is unsafe, watched by AddressSanitizer and Miri; takes a nightly toolchain with miri.
[private]
sanitize:
    RUSTFLAGS=-Zsanitizer=address cargo +nightly test --target x86_64-unknown-linux-gnu -p event-loop-server -p bufferevent-server -p completion-server -p async-server --lib --test all --test reuse --test single_shot -- --skip a_ring_that_is_forgotten
    MIRIFLAGS=-Zmiri-permissive-provenance cargo +nightly miri test -p completion-server --lib

# What the README and the book show of a run; made anew after a change of what tour prints.
[private]
measured:
    cargo run -q -- --lang en catalogue > book/measured/cases.en.md
    cargo run -q -- --lang zh catalogue > book/measured/cases.zh-CN.md
    for step in 01 02 03 04 05 06 07 08; do cargo run -q -- --lang en tasks $step > book/measured/tasks-$step.en.md; cargo run -q -- --lang zh tasks $step > book/measured/tasks-$step.zh-CN.md; done
    LC_ALL=C.UTF-8 cargo run -q -- tour --picture book/measured/tour.svg > book/measured/tour.txt
    sed -n '/step  program/,/^$/{/^$/!p}' book/measured/tour.txt > book/measured/tour-table.txt
    cargo run -q -- --lang zh tour --picture book/measured/tour.zh-CN.svg
    cargo run -q --release -p bench -- versus --lang en floor libevent mio tokio epoll-server event-loop-server poll-server --rounds 11 --seconds 0.6 --output book/measured/versus-05.txt
    cargo run -q --release -p bench -- versus --lang en floor libevent event-loop-server bufferevent-server "bufferevent-server --idle-timeout 600" --load 50x64x1 --load 50x64x16 --load 1000x64x1 --load 4x1024x16 --rounds 11 --seconds 0.6 --output book/measured/versus-06.txt
    cargo run -q --release -p bench -- syscalls --lang en floor event-loop-server bufferevent-server completion-server --output book/measured/syscalls-07.txt
    cargo run -q --release -p bench -- versus --lang en floor event-loop-server single-shot-server completion-server --load 50x64x1 --rounds 11 --seconds 0.6 --output book/measured/versus-07-buffers.txt
    cargo run -q --release -p bench -- versus --lang en floor libevent event-loop-server completion-server --load 50x64x1 --load 50x64x16 --load 1000x64x1 --rounds 11 --seconds 0.6 --output book/measured/versus-07.txt
    cargo run -q --release -p bench -- versus --lang en floor libevent event-loop-server completion-server async-server tokio --load 50x64x1 --load 50x64x16 --load 1000x64x1 --rounds 11 --seconds 0.6 --output book/measured/versus-08.txt
