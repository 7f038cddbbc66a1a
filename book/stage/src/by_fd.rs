//! What is known of each of a few descriptors. The module in the page is a fifth of the size that it would
//! have with the standard library's maps.

use crate::call::Fd;

/// In the order of the descriptors.
#[derive(Clone, Debug)]
pub(crate) struct ByFd<T>(Vec<(Fd, T)>);

impl<T> Default for ByFd<T> {
    fn default() -> ByFd<T> {
        ByFd(Vec::new())
    }
}

impl<T> ByFd<T> {
    pub(crate) fn get(&self, fd: Fd) -> Option<&T> {
        self.0.iter().find(|it| it.0 == fd).map(|it| &it.1)
    }

    pub(crate) fn get_mut(&mut self, fd: Fd) -> Option<&mut T> {
        self.0.iter_mut().find(|it| it.0 == fd).map(|it| &mut it.1)
    }

    pub(crate) fn insert(&mut self, fd: Fd, value: T) {
        match self.get_mut(fd) {
            Some(old) => *old = value,
            None => {
                let place = self.0.iter().take_while(|it| it.0 < fd).count();
                self.0.insert(place, (fd, value));
            }
        }
    }

    pub(crate) fn remove(&mut self, fd: Fd) -> Option<T> {
        let place = self.0.iter().position(|it| it.0 == fd)?;
        Some(self.0.remove(place).1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Fd, &T)> {
        self.0.iter().map(|it| (it.0, &it.1))
    }
}
