declare module 'fs-native-extensions' {
  /**
   * Locks bytes of an open file for this descriptor alone, without waiting, until it is closed (Linux: F_OFD_SETLK).
   * @returns false where another descriptor, of this or another process, has the lock
   * @throws Error of the system
   */
  export function tryLock(descriptor: number, offset: number, length: number): boolean;
}
