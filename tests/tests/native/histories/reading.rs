//! Texts that are histories, and texts that are not.

use faultline_core::check::history::{
    Completion, FifoQueue, Lock, QueueAnswer, Register, RegisterCall, TextRegister,
    linearizable_by_key,
};
use faultline_core::check::recorded::{self, Datum, EventKind, Recorded, RecordedEvent};

/// The same three operations, in each form.
const LOG: &str = "\
INFO  jepsen.core - Running\n\
INFO  jepsen.util - 0\t:invoke\t:write\t3\n\
INFO  jepsen.util - :nemesis\t:info\t:start\tnil\n\
INFO  jepsen.util - 1\t:invoke\t:cas\t[3 4]\n\
INFO  jepsen.util - 0\t:ok\t:write\t3\n\
INFO  jepsen.util - 1\t:info\t:cas\t:timed-out\n\
INFO  jepsen.util - 2\t:invoke\t:read\tnil\n\
INFO  jepsen.util - 2\t:fail\t:read\t:timed-out\n";

const EDN: &str = r#"; a comment
[{:process 0, :type :invoke, :f :write, :value 3, :time 12, :index 0}
 {:process :nemesis, :type :info, :f :start, :value {:cut #{"n1"}}}
 #jepsen.history.Op{:process 1, :type :invoke, :f :cas, :value [3 4]}
 {:process 0, :type :ok, :f :write,
  :value 3}
 {:process 1, :type :info, :f :cas, :value [3 4], :error [:timeout "x } y"]}
 {:process 2, :type :invoke, :f :read, :value nil}, {:process 2, :type :fail, :f :read}]
"#;

const JSON: &str = r#"{"process": 0, "type": "invoke", "f": "write", "value": 3}
{"process": "nemesis", "type": "info", "f": "start"}
{"process": 1, "type": "invoke", "f": "cas", "value": [3, 4]}
{"process": 0, "type": "ok", "f": "write", "value": 3, "time": 1.5}
{"process": 1, "type": "info", "f": "cas", "value": [3, 4]}
{"process": 2, "type": "invoke", "f": "read"}
{"process": 2, "type": "fail", "f": "read", "value": null}
"#;

fn events(text: &str) -> Vec<RecordedEvent> {
    recorded::read(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn every_form_says_the_same() {
    let json_list = format!("[{}]", JSON.trim().replace('\n', ",\n"));
    let lines: Vec<Vec<usize>> = [LOG, EDN, JSON, &json_list]
        .into_iter()
        .map(|text| {
            let events = events(text);
            let kinds: Vec<EventKind> = events.iter().map(|event| event.kind).collect();
            let expected = [
                EventKind::Invoke,
                EventKind::Invoke,
                EventKind::Ok,
                EventKind::Info,
                EventKind::Invoke,
                EventKind::Fail,
            ];
            assert_eq!(kinds, expected);
            let recorded = recorded::history::<Register<Datum>>(&events).unwrap();
            let operations = recorded.history.operations();
            let (expected, new) = (Datum::Integer(3), Datum::Integer(4));
            assert_eq!(operations[1].input.input, RegisterCall::CompareAndSet { expected, new });
            let completions: Vec<bool> =
                operations.iter().map(|it| it.completion == Completion::Unknown).collect();
            assert_eq!(completions, [false, true, false]);
            recorded.lines
        })
        .collect();
    let expected = [[2, 4, 5, 6, 7, 8], [2, 4, 5, 7, 8, 8], [1, 3, 4, 5, 6, 7], [1, 3, 4, 5, 6, 7]];
    assert_eq!(lines, expected);
}

#[test]
fn a_key_is_a_field_or_comes_with_the_value() {
    let with_field = r#"{:process 0, :type :invoke, :f :write, :key "x", :value 1}
{:process 0, :type :ok, :f :write, :key "x", :value 1}
{:process 0, :type :invoke, :f :read, :key "y", :value nil}
{:process 0, :type :ok, :f :read, :key "y", :value nil}"#;
    let with_value = r#"{:process 0, :type :invoke, :f :write, :value ["x" 1]}
{:process 0, :type :ok, :f :write, :value ["x" 1]}
{:process 0, :type :invoke, :f :read, :value ["y" nil]}
{:process 0, :type :ok, :f :read, :value ["y" nil]}"#;
    for text in [with_field, with_value] {
        let recorded = recorded::history::<Register<Datum>>(&events(text)).unwrap();
        let keys: Vec<String> =
            recorded.history.operations().iter().map(|it| it.input.key.to_string()).collect();
        assert_eq!(keys, ["x", "y"]);
        let register = Register { initial: Datum::Nil };
        let report = linearizable_by_key(&register, &recorded.history, 100);
        assert_eq!(report.is_linearizable(), Some(true));
    }
}

#[test]
fn a_queue_and_a_lock_are_read() {
    let queue = r"{:process 0, :type :invoke, :f :enqueue, :value 1}
{:process 0, :type :ok, :f :enqueue, :value 1}
{:process 0, :type :invoke, :f :dequeue, :value nil}
{:process 0, :type :ok, :f :dequeue, :value 1}
{:process 0, :type :invoke, :f :dequeue, :value nil}
{:process 0, :type :ok, :f :dequeue, :value nil}";
    let recorded = recorded::history::<FifoQueue<Datum>>(&events(queue)).unwrap();
    let last = &recorded.history.operations()[2].completion;
    assert_eq!(*last, Completion::Answered(QueueAnswer::Empty));
    let report = linearizable_by_key(&FifoQueue::default(), &recorded.history, 100);
    assert_eq!(report.is_linearizable(), Some(true));
    let lock = r"{:process 0, :type :invoke, :f :acquire, :value nil}
{:process 0, :type :ok, :f :acquire, :value nil}
{:process 1, :type :invoke, :f :release, :value nil}
{:process 1, :type :ok, :f :release, :value nil}";
    let recorded = recorded::history::<Lock>(&events(lock)).unwrap();
    let report = linearizable_by_key(&Lock, &recorded.history, 100);
    assert_eq!(report.is_linearizable(), Some(false));
}

/// A pair is a key with a value only if all values are: here the items of one queue are pairs.
#[test]
fn a_value_may_be_a_pair() {
    let queue = r"{:process 0, :type :invoke, :f :enqueue, :value [1 2]}
{:process 0, :type :ok, :f :enqueue, :value [1 2]}
{:process 1, :type :invoke, :f :dequeue, :value nil}
{:process 1, :type :ok, :f :dequeue, :value [1 2]}";
    let recorded = recorded::history::<FifoQueue<Datum>>(&events(queue)).unwrap();
    let report = linearizable_by_key(&FifoQueue::default(), &recorded.history, 100);
    assert_eq!((report.is_linearizable(), report.keys.len()), (Some(true), 1));
    let keyed = queue.replace(":f :dequeue, :value nil", ":f :dequeue, :value [1 nil]");
    let recorded = recorded::history::<FifoQueue<Datum>>(&events(&keyed)).unwrap();
    assert_eq!(recorded.history.operations()[1].input.key, Datum::Integer(1));
    let answers = recorded.history.operations().iter().map(|it| it.completion.clone());
    let item = Completion::Answered(QueueAnswer::Item(Datum::Integer(2)));
    assert_eq!(answers.collect::<Vec<_>>(), [Completion::Answered(QueueAnswer::Enqueued), item]);
    let other = keyed.replace(":ok, :f :dequeue, :value [1 2]", ":ok, :f :dequeue, :value [3 2]");
    let error = error::<FifoQueue<Datum>>(&other);
    assert_eq!(error, "line 4: the answer is of key 3, and the call was of key 1");
}

/// Reads a text as a history of an object that it is not, and returns the error.
fn error<S: Recorded>(text: &str) -> String {
    let error = match recorded::read(text) {
        Ok(events) => recorded::history::<S>(&events).map(drop).expect_err("the text is wrong"),
        Err(error) => error,
    };
    error.to_string()
}

#[test]
fn a_bad_line_gets_its_number_and_a_sentence() {
    let good = "{:process 0, :type :invoke, :f :read, :value nil}\n";
    let cases = [
        ("{:process 0, :type :invoke, :f :read", "line 2: this is not EDN"),
        ("{\"process\": 0, \"type\": }", "line 2: this is not JSON"),
        ("7", "line 2: an event is a map"),
        ("{:type :ok, :f :read}", "line 2: an event needs the number of its process"),
        ("{:process -1, :type :ok, :f :read}", "line 2: there is no process -1"),
        ("{:process 0, :type :done, :f :read}", "line 2: an event's type is invoke"),
        ("{:process 0, :type :ok}", "line 2: an event needs the name"),
        ("{:process 1, :type :invoke, :f :pop}", "line 2: there is no call `pop`"),
        ("{:process 1, :type :invoke, :f :cas, :value 3}", "line 2: cas takes [expected new]"),
        ("{:process 0, :type :invoke, :f :read}", "line 2: process 0 invokes"),
        ("{:process 5, :type :ok, :f :read}", "line 2: process 5 ends an operation"),
    ];
    for (line, expected) in cases {
        let found = error::<Register<Datum>>(&format!("{good}{line}"));
        assert!(found.starts_with(expected), "{line}: {found}");
        assert!(!found.contains('\n'));
    }
    let log =
        "INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:gone\t:read\tnil";
    assert!(error::<Register<Datum>>(log).starts_with("line 2: an event's type is"));
    assert!(error::<Register<Datum>>("").starts_with("line 1: there is no operation"));
    assert!(error::<Register<Datum>>("hello\nworld").starts_with("line 1: there is no operation"));
    assert!(error::<Register<Datum>>(&format!("[{good}")).contains("does not end"));
    assert!(error::<Register<Datum>>(&format!("[{good}] 3")).contains("something follows"));
    let list = "{:process 0, :type :invoke, :f :put, :value [1 2 3]}";
    assert!(error::<TextRegister>(list).starts_with("line 1: a value is a text"));
    let deep = format!(
        "{{:process 0, :type :invoke, :f :write, :value {}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(error::<Register<Datum>>(&deep).contains("beyond reason"));
}
