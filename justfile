# The menu: `just` lists it. Each recipe is one line onto cargo, which can be typed as well.

set quiet

[private]
menu:
    @just --list --unsorted

# See everything at once: build, talk, grade, measure    一览
tour:
    cargo run -q -- tour

# A step as a lesson, from reading to the next: just step 2   一步一课
[positional-arguments, no-exit-message]
step step *options:
    cargo run -q -- step "$@"

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

# A verdict on every save of your copy: just watch 2     每次保存都评分
[positional-arguments, no-exit-message]
watch step *options:
    cargo run -q -- watch "$@"

# A hint for the task in hand, clearer each time         看提示
[positional-arguments, no-exit-message]
hint step *options:
    cargo run -q -- hint "$@"

# What is done, and what comes next                      进度
progress:
    cargo run -q -- progress

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
measured: measured-copy measured-watch
    cargo run -q -- --lang en catalogue > book/measured/cases.en.md
    cargo run -q -- --lang zh catalogue > book/measured/cases.zh-CN.md
    for step in 01 02 03 04 05 06 07 08; do cargo run -q -- --lang en tasks $step > book/measured/tasks-$step.en.md; cargo run -q -- --lang zh tasks $step > book/measured/tasks-$step.zh-CN.md; done
    LC_ALL=C.UTF-8 cargo run -q -- tour --picture book/measured/tour.svg > book/measured/tour.txt
    sed -n '/step  program/,/^$/{/^$/!p}' book/measured/tour.txt > book/measured/tour-table.txt
    cargo run -q -p book -- draw
    cargo run -q -- --lang zh tour --picture book/measured/tour.zh-CN.svg
    cargo run -q --release -p bench -- versus --lang en floor libevent mio tokio epoll-server event-loop-server poll-server --rounds 11 --seconds 0.6 --output book/measured/versus-05.txt
    cargo run -q --release -p bench -- versus --lang en floor libevent event-loop-server bufferevent-server "bufferevent-server --idle-timeout 600" --load 50x64x1 --load 50x64x16 --load 1000x64x1 --load 4x1024x16 --rounds 11 --seconds 0.6 --output book/measured/versus-06.txt
    cargo run -q --release -p bench -- syscalls --lang en floor event-loop-server bufferevent-server completion-server --output book/measured/syscalls-07.txt
    cargo run -q --release -p bench -- versus --lang en floor event-loop-server single-shot-server completion-server --load 50x64x1 --rounds 11 --seconds 0.6 --output book/measured/versus-07-buffers.txt
    cargo run -q --release -p bench -- versus --lang en floor libevent event-loop-server completion-server --load 50x64x1 --load 50x64x16 --load 1000x64x1 --rounds 11 --seconds 0.6 --output book/measured/versus-07.txt
    cargo run -q --release -p bench -- versus --lang en floor libevent event-loop-server completion-server async-server tokio --load 50x64x1 --load 50x64x16 --load 1000x64x1 --rounds 11 --seconds 0.6 --output book/measured/versus-08.txt

# What the README and the book show of watch: the session that is a test, played.
[private]
measured-watch:
    RECORD=1 cargo test -q -p workshop --test watch a_way_through_step_02

# What a newcomer sees of a copy of step 2: begun, graded, graded again with its first task done. It stands
# in a checkout of its own, so that nobody's copy is touched.
[private]
measured-copy:
    #!/usr/bin/env bash
    set -euo pipefail
    measured=$PWD/book/measured tool=$PWD/Cargo.toml scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    # One case runs the server as another user, who must get there.
    chmod 755 "$scratch"
    git ls-files -z | tar -c --null -T - | tar -x -C "$scratch"
    cd "$scratch"
    for edition in en zh-CN; do
        workshop() { cargo run -q --manifest-path "$tool" -- --lang "${edition%-CN}" "$@"; }
        # Of an unfinished copy the status is 1.
        grade() { workshop grade 2 || [ $? = 1 ]; }
        workshop start 2 > "$measured/start-02.$edition.txt"
        sed -n '/^pub fn converse/,/^}/p' work/fork-server/src/lib.rs > "$measured/start-02-first.$edition.txt"
        grade > "$measured/grade-02.$edition.txt"
        rm -r work/fork-server
        workshop start 2 --task 2 > /dev/null
        grade | sed -n '/ 1 conversation/,$p' > "$measured/grade-02-next.$edition.txt"
        rm -r work/fork-server .workshop
    done

# How long a learner waits from a save to the first verdict: twenty saves each in steps 02, 04 and 08.
[private]
watch-waits:
    cargo test -q -p workshop --test watch -- --ignored --nocapture from_a_save

# How long a learner waits: for the starter, its first build, a grade after a change of one line. It wants
# no copy of step 2, and takes away what was built of copies.
[private]
waits:
    rm -rf target/work
    bash -c 'time cargo run -q -- start 2'
    -bash -c 'time cargo run -q -- grade 2 --case hello'
    cp -r steps/02-fork-server/src work/fork-server/
    cargo run -q -- grade 2
    echo '// a line' >> work/fork-server/src/lib.rs
    bash -c 'time cargo run -q -- grade 2'
    rm -rf work/fork-server
