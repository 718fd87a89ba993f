//! Servers with a register each and no agreement among them: Stateright's `single-copy-register`.
//! Linearizable with one server only.

use super::register::{Message, RegisterServer};

/// A register that answers at once.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct SingleCopy {
    value: u8,
}

impl RegisterServer for SingleCopy {
    type Internal = ();

    fn new() -> Self {
        Self { value: 0 }
    }

    fn receive(
        &mut self,
        _me: u8,
        from: u8,
        message: Message<()>,
        sent: &mut Vec<(u8, Message<()>)>,
    ) -> bool {
        match message {
            Message::Put(request, value) => {
                self.value = value;
                sent.push((from, Message::PutOk(request)));
                true
            }
            Message::Get(request) => {
                sent.push((from, Message::GetOk(request, self.value)));
                true
            }
            Message::Internal(()) | Message::PutOk(_) | Message::GetOk(..) => false,
        }
    }
}
